"""Whatever the back office sets, and however its links go: what has worked is never lost, and never falls."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.core.network import NetworkProfile
from tests.core.test_network import NEW, NEWER, OLD, Site

TRIES = 3  # NetworkProfileConnectionAttempts

Deed = Callable[[Site], object]


def deeds() -> st.SearchStrategy[Deed]:
    def key(value: str) -> Deed:
        return lambda site: site.set("AuthorizationKey", value)

    def profile(value: int) -> Deed:
        return lambda site: site.set("SecurityProfile", str(value))

    def fails(times: int) -> Deed:
        return lambda site: site.fail(times)

    return st.one_of(
        st.sampled_from([OLD, NEW, NEWER]).map(key),
        st.integers(-1, 4).map(profile),
        st.integers(1, 7).map(fails),
        st.just(lambda site: site.start_again()),
    )


lives = st.lists(st.lists(deeds(), max_size=6), min_size=1, max_size=6)
"""What happens between one link and the next."""


@given(lives, st.integers(0, 3))
def test_each_link_is_by_what_was_set_last_or_by_what_worked_last(life: list[list[Deed]], profile: int) -> None:
    site = Site(profile)
    worked = site.way
    for outage in life:
        for deed in outage:
            deed(site)
        both = tried(site)
        assert worked in both
        assert len(both) <= 2
        before, worked = worked, site.way
        site.networks.connected()
        assert worked.security_profile >= before.security_profile
        assert tried(site) == {worked}  # and nothing else, from now on
        site.start_again()
        assert tried(site) == {worked}


@given(st.lists(deeds(), max_size=8), st.integers(0, 3))
def test_a_restart_changes_nothing_of_what_will_be_tried(outage: list[Deed], profile: int) -> None:
    site = Site(profile)
    for deed in outage:
        deed(site)
    before = tried(site)
    site.start_again()
    assert tried(site) == before


def tried(site: Site) -> set[NetworkProfile]:
    """All that is shown while nobody lets the station in, for as long as it takes to come round."""
    seen = set()
    for _ in range(2 * TRIES):
        seen.add(site.way)
        site.fail()
    return seen
