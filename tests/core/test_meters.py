"""Which meter it is that counts."""

from __future__ import annotations

from dataclasses import replace

from chargepoint.core.facts import MeterIdentified, Sample, TransactionEnded, TransactionStarted
from chargepoint.core.register import Reading, Register
from chargepoint.core.telling import told
from tests.core.site import Site


def begin_and_end(site: Site) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    return site.told(TransactionStarted)[0].samples, site.told(TransactionEnded)[0].samples


# --- another meter ----------------------------------------------------------------------------------------------------


def followed(register: Register, wh: float, at_s: float, meter: str) -> float:
    return register.follow(Reading(wh, taken_s=at_s, meter=meter)).energy_wh


def test_what_another_meter_has_counted_elsewhere_is_nobody_s_energy_however_plausible() -> None:
    register = Register(max_power_w=11_000.0)
    assert followed(register, 5000.0, 0.0, "A-1") == 5000.0
    assert followed(register, 5003.0, 1.0, "A-1") == 5003.0
    assert followed(register, 5005.0, 2.0, "B-2") == 5003.0  # 2 Wh in a second could have been energy
    assert followed(register, 5008.0, 3.0, "B-2") == 5006.0


def test_another_meter_that_has_counted_less_is_followed_at_once() -> None:
    register = Register(max_power_w=11_000.0)
    followed(register, 5000.0, 0.0, "A-1")
    followed(register, 5003.0, 1.0, "A-1")
    assert followed(register, 12.0, 2.0, "B-2") == 5003.0
    assert followed(register, 14.0, 3.0, "B-2") == 5005.0


def test_a_meter_replaced_while_the_program_was_away_does_not_bill_the_step() -> None:
    register = Register(max_power_w=11_000.0, meter="A-1")
    register.resume(5000.0, at_s=-3600.0)
    assert followed(register, 5900.0, 0.0, "B-2") == 5000.0  # in an hour it could have been energy
    assert followed(register, 5902.0, 1.0, "B-2") == 5002.0


def test_a_meter_replaced_between_two_sessions_shows_its_own_register() -> None:
    register = Register(max_power_w=11_000.0, meter="A-1")
    assert followed(register, 7.0, 0.0, "B-2") == 7.0


def test_a_meter_that_does_not_tell_its_number_for_once_is_the_same_meter() -> None:
    register = Register(max_power_w=11_000.0)
    followed(register, 5000.0, 0.0, "A-1")
    assert followed(register, 5003.0, 1.0, "") == 5003.0
    assert followed(register, 5006.0, 2.0, "A-1") == 5006.0


def test_another_meter_is_told_once() -> None:
    site = Site()
    for serial in ("A-1", "A-1", "B-2", "B-2"):
        site.station.meter_read(1, replace(site.reading(1), meter=serial), site.now)
        site.settle()
    assert site.told(MeterIdentified) == [MeterIdentified(1, "A-1"), MeterIdentified(1, "B-2", "A-1")]
    assert told(MeterIdentified(1, "B-2", "A-1")).startswith("evse=1 another meter is in place: B-2 instead of A-1.")
