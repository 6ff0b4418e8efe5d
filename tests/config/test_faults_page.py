"""docs/faults.md, and that every fault has its place in every version of OCPP."""

from __future__ import annotations

import pytest
from ocpp.v16.enums import ChargePointErrorCode
from ocpp.v201.enums import PhysicalComponentName

from chargepoint.core.evse import GUARD_FAULT, METER_FAULT
from chargepoint.ocpp.v16.statuses import CODES
from chargepoint.ocpp.v201.problems import PROBLEMS
from hw.guard.faults import FAULTS
from tests.config.faults import FILE, page

ALL = {*FAULTS, METER_FAULT, GUARD_FAULT}


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "run: python -m tests.config.faults"


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_fault_has_an_error_code_of_the_standard(name: str) -> None:
    assert CODES[name] in set(ChargePointErrorCode) - {"NoError"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_fault_has_a_standardized_component(name: str) -> None:
    assert PROBLEMS[name].component in set(PhysicalComponentName)
    assert PROBLEMS[name].variable in ("Problem", "Tripped", "Operated")


def test_the_tables_name_no_fault_that_does_not_exist() -> None:
    assert set(CODES) == set(PROBLEMS) == ALL
