"""Every certification case is executed by one test, or has a reason why no configuration could meet it."""

from collections import Counter

import pytest

from tests.conformance.cases import FOLDERS, catalogue, claims, misnamed, missing
from tests.conformance.page import FILE, page

NOT_APPLICABLE_AT_MOST = 5


@pytest.mark.parametrize("version", FOLDERS)
def test_every_case_has_a_test_or_a_reason(version: str) -> None:
    assert missing(version) == []


@pytest.mark.parametrize("version", FOLDERS)
def test_no_two_tests_claim_one_case_and_none_claims_what_is_no_case(version: str) -> None:
    counted = Counter(claim.case for claim in claims(version))
    assert [case for case, tests in counted.items() if tests > 1] == []
    assert counted.keys() - catalogue(version).keys() == set()


@pytest.mark.parametrize("version", FOLDERS)
def test_a_case_with_a_reason_has_no_test_and_there_are_few(version: str) -> None:
    excused = {name for name, case in catalogue(version).items() if case.not_applicable}
    assert excused & {claim.case for claim in claims(version)} == set()
    assert len(excused) <= NOT_APPLICABLE_AT_MOST


@pytest.mark.parametrize("version", FOLDERS)
def test_tests_are_named_after_their_case(version: str) -> None:
    assert [claim.test for claim in claims(version) if misnamed(claim)] == []


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run: ./dev conformance"
