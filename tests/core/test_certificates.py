"""What may be installed as a root, what may become the station's certificate, and how certificates are named.

Certificates here are made up: `issued` says who has signed whom.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chargepoint.core.certificates import Certificate, HashData, Wanted, objection_to_chain, objection_to_root

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def certificate(name: str, **more: object) -> Certificate:
    made = Certificate(
        pem=name, common_name=name, organization="", begins=NOON - DAY, ends=NOON + DAY,
        is_authority=True, is_client=True, key=f"key of {name}",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


ROOT, OTHER = certificate("root"), certificate("other")
SECOND, SUB = certificate("second"), certificate("sub")
OWN = certificate("A-1", organization="Cars", is_authority=False)
SIGNED = {("root", "root"), ("other", "other"), ("second", "root"), ("sub", "root"), ("A-1", "sub"), ("A-1", "root")}


def issued(child: Certificate, issuer: Certificate) -> bool:
    return (child.pem.partition("/")[0], issuer.pem.partition("/")[0]) in SIGNED


# --- roots ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([], "not one certificate"),
        ([ROOT, OTHER], "not one certificate"),
        ([ROOT], ""),
        ([replace(ROOT, is_authority=False)], "may not issue"),
        ([replace(ROOT, ends=NOON)], "expired"),
        ([replace(ROOT, ends=NOON + timedelta(seconds=1))], ""),
        ([replace(ROOT, begins=NOON + DAY)], ""),  # a root may be installed ahead of its time
        ([replace(ROOT, weak="it is signed with sha1")], "sha1"),
        ([SECOND], "who has issued it is not installed"),
    ],
)
def test_a_root_is_one_authority_that_is_valid_and_known(told: list[Certificate], why: str) -> None:
    objection = objection_to_root(told, [], issued, NOON, full=False)
    assert why in objection
    assert bool(objection) == bool(why)


def test_one_that_an_installed_root_has_signed_is_known() -> None:
    assert objection_to_root([SECOND], [OTHER, ROOT], issued, NOON, full=False) == ""


def test_a_full_store_takes_none() -> None:
    assert "full" in objection_to_root([ROOT], [], issued, NOON, full=True)


@pytest.mark.parametrize(("new", "accepted"), [(SECOND, True), (OTHER, False), (ROOT, True)])
def test_where_one_follows_the_other_the_new_one_is_signed_by_the_old(new: Certificate, accepted: bool) -> None:
    why = objection_to_root([new], [ROOT], issued, NOON, full=False, predecessors=[ROOT])
    assert (why == "") is accepted


def test_where_the_file_holds_several_roots_one_of_them_has_signed_it() -> None:
    assert objection_to_root([SECOND], [ROOT], issued, NOON, full=False, predecessors=[OTHER, ROOT]) == ""


# --- the station's own ------------------------------------------------------------------------------------------------

WANTED = Wanted("A-1", "Cars", {OWN.key})


def objection(*chain: Certificate, roots: tuple[Certificate, ...] | None = (ROOT,), clock_is_right: bool = True) -> str:
    return objection_to_chain(chain, WANTED, roots, issued, NOON, clock_is_right=clock_is_right)


@pytest.mark.parametrize(
    "chain",
    [(OWN,), (OWN, SUB), (OWN, SUB, ROOT), (OWN, ROOT)],
    ids=["by the root", "by one in between", "with the root", "with the root alone"],
)
def test_a_chain_leads_to_an_installed_root(chain: tuple[Certificate, ...]) -> None:
    assert objection(*chain) == ""
    assert objection(*chain, roots=(OTHER, ROOT)) == ""


@pytest.mark.parametrize(
    ("chain", "why"),
    [
        ((), "no certificate"),
        ((replace(OWN, key="another"),), "key"),
        ((replace(OWN, is_authority=True),), "client"),
        ((replace(OWN, is_client=False),), "client"),
        ((replace(OWN, common_name="B-2"),), '"B-2"'),
        ((replace(OWN, organization="Volts"),), '"Volts"'),
        ((replace(OWN, ends=NOON),), "expired"),
        ((replace(OWN, begins=NOON + DAY),), "not valid yet"),
        ((OWN, replace(SUB, ends=NOON)), "expired"),
        ((OWN, replace(SUB, begins=NOON + DAY)), "not valid yet"),
        ((OWN, replace(SUB, weak="its key has 1024 bits")), "1024"),
        ((OWN, replace(SUB, is_authority=False)), "follow"),
        ((OWN, OTHER), "follow"),
        ((OWN, SUB, OTHER), "follow"),
    ],
)
def test_what_was_not_asked_for_is_refused(chain: tuple[Certificate, ...], why: str) -> None:
    assert why in objection(*chain)
    assert objection(*chain) != ""


def test_a_chain_may_end_with_an_installed_root_that_another_has_signed() -> None:
    own = replace(OWN, pem="A-1 by second")
    told = {*SIGNED, ("A-1 by second", "second")}
    chain = (own, SECOND)
    assert (
        objection_to_chain(chain, WANTED, [SECOND], lambda c, i: (c.pem, i.pem) in told, NOON, clock_is_right=True)
        == ""
    )


def test_what_begins_now_is_valid() -> None:
    assert objection(replace(OWN, begins=NOON)) == ""


def test_a_chain_that_leads_elsewhere_is_refused() -> None:
    assert "installed root" in objection(OWN, roots=(OTHER,))


def test_without_any_root_of_the_operator_a_whole_chain_is_enough() -> None:
    assert objection(OWN, SUB, roots=None) == ""
    assert "follow" in objection(OWN, OTHER, roots=None)


def test_where_none_of_the_named_roots_can_be_read_nothing_leads_there() -> None:
    assert "installed root" in objection(OWN, SUB, roots=())


def test_a_clock_that_may_be_slow_refuses_no_beginning() -> None:
    late = replace(OWN, begins=NOON + DAY)
    assert objection(late, clock_is_right=False) == ""
    assert "expired" in objection(replace(OWN, ends=NOON - DAY), clock_is_right=False)


# --- names ------------------------------------------------------------------------------------------------------------

NAMED = HashData("SHA256", "ab01", "cd02", "1f")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (HashData("SHA256", "AB01", "CD02", "1F"), True),
        (HashData("SHA256", "ab01", "cd02", "001f"), True),
        (HashData("SHA384", "ab01", "cd02", "1f"), False),
        (HashData("SHA256", "ab02", "cd02", "1f"), False),
        (HashData("SHA256", "ab01", "cd03", "1f"), False),
        (HashData("SHA256", "ab01", "cd02", "2f"), False),
        (HashData("SHA256", "ab01", "cd02", "e1f"), False),
    ],
)
def test_names_compare_without_case_and_leading_zeros(other: HashData, same: bool) -> None:
    assert NAMED.same_as(other) is same
