"""Processes die and stall, power goes, clocks stand in 1970, hardware breaks: every bill is right, and sent once."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chargepoint.core.facts import Status, TransactionEnded
from tests.scenarios.conftest import MakeWorld
from tests.world import NOON, World


def reset(w: World, kind: str = "now") -> tuple[str, dict[str, object]]:
    if w.version == "1.6":
        return "Reset", {"type": {"now": "Soft", "hard": "Hard"}[kind]}
    return "Reset", {"type": {"now": "Immediate", "hard": "Immediate", "idle": "OnIdle"}[kind]}


def unavailable(w: World, operative: bool = False) -> tuple[str, dict[str, object]]:
    word = "Operative" if operative else "Inoperative"
    if w.version == "1.6":
        return "ChangeAvailability", {"connectorId": 1, "type": word}
    return "ChangeAvailability", {"evse": {"id": 1}, "operationalStatus": word}


def told_numbers(w: World) -> list[int]:
    """The sequence numbers told. A sample whose delivery was not recorded yet is repeated, with the same content."""
    seen: dict[int, str] = {}
    for event in w.said("TransactionEvent"):
        assert seen.setdefault(event["seqNo"], event["timestamp"]) == event["timestamp"]
    return list(seen)


# --- the program ------------------------------------------------------------------------------------------------------


async def test_a_killed_program_takes_up_the_session_and_charging_never_stops(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=5)
        opened_s = w.yard.pins[1].opened_at_s
        await w.kill_program()
        await w.wait(5)
        await w.start_program()
        assert (w.closed(), w.status(), w.permit_a()) == (True, Status.CHARGING, 16.0)
        assert w.csms.boots() == 1  # a link loss as far as the back office is concerned
        await w.wait(minutes=5)
        assert w.yard.pins[1].opened_at_s == opened_s
        await w.unplug()
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)
        assert w.csms.transactions() == 1
        if w.version == "2.0.1":
            numbers = told_numbers(w)
            assert numbers == list(range(len(numbers)))


async def test_a_program_that_stays_away_lowers_the_current_and_then_ends_supply(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        await w.kill_program()
        await w.wait(9)
        assert w.yard.bays[1].reading().current_a == pytest.approx((16, 16, 16), abs=0.01)
        await w.wait(10)
        assert w.yard.bays[1].reading().current_a == pytest.approx((6, 6, 6), abs=0.01)
        await w.wait(95)
        assert w.closed()
        await w.wait(15)
        assert not w.closed()
        await w.start_program()
        await w.wait(30)
        assert w.closed()
        await w.unplug()
        assert len(w.bills()) == 1


async def test_without_a_fallback_a_program_that_stays_away_ends_supply_after_ten_seconds(world: MakeWorld) -> None:
    async with world(evse={"fallback_a": 0.0}) as w:
        await w.charge(minutes=2)
        await w.kill_program()
        await w.wait(8)
        assert w.closed()
        await w.wait(8)  # the lease is over, and the car has its seconds to stop by itself
        assert not w.closed()
        await w.start_program()
        await w.until(w.closed)
        await w.unplug()
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)


async def test_a_changed_configuration_is_announced_even_in_mid_session(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        w.config = replace(w.config, digest="another")
        await w.restart_program()
        assert (w.csms.boots(), w.closed(), w.csms.transactions()) == (2, True, 1)


async def test_a_car_that_leaves_while_the_program_is_away_is_billed(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=5)
        await w.kill_program()
        await w.unplug()
        assert not w.closed()
        await w.start_program()
        await w.wait(5)
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)
        assert w.status() is Status.AVAILABLE


async def test_a_stop_decided_just_before_a_kill_is_carried_out(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        w.yard.change_car(1, ignores_offer=True)  # so that the end takes its time
        w.yard.card("CARD1")
        await w.wait(1)
        assert w.closed()
        await w.restart_program()
        await w.wait(10)
        [bill] = w.bills()
        assert (w.closed(), bill.reason) == (False, "Local")


async def test_a_token_refused_afterwards_stays_refused_over_a_restart(world: MakeWorld) -> None:
    async with world() as w:
        w.given("StopTransactionOnInvalidId", "false")
        w.given_local_list("CARD1")
        w.given("LocalPreAuthorize", "true")
        w.csms.tokens["CARD1"] = "Blocked"
        await w.charge(seconds=30)
        assert not w.closed()
        await w.restart_program()
        await w.wait(20)
        assert (w.closed(), w.status()) == (False, Status.SUSPENDED_EVSE)


async def test_a_stop_that_was_never_answered_is_sent_again_after_a_kill(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        action = "StopTransaction" if w.version == "1.6" else "TransactionEvent"
        w.csms.mute.add(action)
        await w.unplug()
        await w.kill_program()
        w.csms.mute.clear()
        await w.start_program()
        assert len(w.bills()) == 1
        assert w.csms.transactions() == 1


@pytest.mark.parametrize("kind", ["now", "hard"])
async def test_a_reset_ends_the_session_and_the_bill_is_delivered(world: MakeWorld, kind: str) -> None:
    async with world() as w:
        await w.charge(minutes=3)
        action, payload = reset(w, kind)
        assert (await w.ask(action, **payload))["status"] == "Accepted"
        await w.until(lambda: w.ending is not None)
        assert w.ending is not None
        assert w.ending.restart
        [bill] = w.bills()
        expected = {"now": "SoftReset", "hard": "HardReset"}[kind] if w.version == "1.6" else "ImmediateReset"
        assert bill.reason == expected
        await w.restart_program()
        assert w.csms.boots() == 2
        if w.version == "2.0.1":
            assert w.said("BootNotification")[-1]["reason"] == "RemoteReset"


async def test_a_reset_on_idle_waits_for_the_driver(world: MakeWorld) -> None:
    async with world() as w:
        if w.version == "1.6":
            return  # 1.6 has no such reset
        await w.charge(minutes=3)
        action, payload = reset(w, "idle")
        assert (await w.ask(action, **payload))["status"] == "Scheduled"
        await w.wait(minutes=3)
        assert w.ending is None
        assert w.closed()
        await w.unplug()
        await w.until(lambda: w.ending is not None)
        await w.restart_program()
        assert w.said("BootNotification")[-1]["reason"] == "ScheduledReset"


async def test_unavailable_during_a_session_waits_for_its_end_and_survives_a_restart(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        action, payload = unavailable(w)
        assert (await w.ask(action, **payload))["status"] == "Scheduled"
        await w.wait(minutes=1)
        assert w.closed()
        await w.unplug()
        await w.wait(2)
        assert w.csms.statuses()[-1] == "Unavailable"
        await w.restart_program()
        assert w.status() is Status.UNAVAILABLE
        await w.charge("CARD2", seconds=10)
        assert not w.closed()
        await w.unplug()
        action, payload = unavailable(w, operative=True)
        assert (await w.ask(action, **payload))["status"] == "Accepted"
        await w.charge("CARD2", seconds=10)
        assert w.closed()


async def test_unavailability_that_waits_for_the_end_of_a_session_survives_a_kill(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        action, payload = unavailable(w)
        assert (await w.ask(action, **payload))["status"] == "Scheduled"
        await w.restart_program()
        assert w.closed()
        await w.wait(minutes=1)
        await w.unplug()
        await w.wait(2)
        assert (len(w.bills()), w.status(), w.csms.statuses()[-1]) == (1, Status.UNAVAILABLE, "Unavailable")


# --- the guard --------------------------------------------------------------------------------------------------------


async def test_a_killed_guard_suspends_and_the_next_one_resumes(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        w.yard.guard.die()
        assert w.closed()  # outputs outlive their process ...
        w.yard.guard.release()  # ... hence this, which systemd and the daemon run at once
        await w.wait(2)
        assert (w.closed(), w.permit_a(), w.status()) == (False, 0.0, Status.FAULTED)
        w.yard.guard.start()
        await w.wait(4)
        assert not w.closed()  # not before 5 s, and a permit that names the new epoch
        await w.until(w.closed, within_s=20)
        await w.wait(minutes=1)
        assert w.status() is Status.CHARGING
        await w.unplug()
        assert len(w.bills()) == 1


async def test_a_guard_that_hangs_is_noticed_and_nobody_new_is_let_in(world: MakeWorld) -> None:
    async with world() as w:
        w.yard.guard.hangs = True
        await w.wait(3)
        assert w.status() is Status.FAULTED
        await w.plug()
        await w.card("CARD1")
        assert w.csms.transactions() == 0
        w.yard.guard.hangs = False
        await w.wait(5)
        assert w.status() is not Status.FAULTED


# --- power ------------------------------------------------------------------------------------------------------------


async def test_after_a_power_cut_the_session_is_closed(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=5)
        await w.power_cut()
        await w.wait(0.1)
        assert not w.closed()
        await w.power_back()
        await w.wait(10)
        [bill] = w.bills()
        assert bill.reason == "PowerLoss"
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)
        assert (w.closed(), w.status(), w.csms.boots()) == (False, Status.FINISHING, 2)
        await w.card("CARD1")  # the car is still there: a new transaction
        await w.until(w.closed)


async def test_after_a_power_cut_the_session_goes_on_where_that_is_wanted(world: MakeWorld) -> None:
    async with world(after_power_loss="resume") as w:
        await w.charge(minutes=5)
        await w.power_cut()
        await w.power_back()
        await w.until(w.closed)
        await w.wait(minutes=5)
        await w.unplug()
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)
        assert w.csms.transactions() == 1
        if w.version == "2.0.1":
            numbers = told_numbers(w)
            assert numbers == sorted(numbers)
            assert len(numbers) < numbers[-1] + 1  # what may have been sent and not recorded is skipped, never reused


async def test_a_car_that_left_in_the_dark_is_billed(world: MakeWorld) -> None:
    async with world(after_power_loss="resume") as w:
        await w.charge(minutes=5)
        await w.power_cut()
        w.yard.unplug(1, "both")
        await w.power_back()
        await w.wait(10)
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)


# --- time -------------------------------------------------------------------------------------------------------------


async def test_a_clock_that_starts_in_1970_is_put_right_by_the_back_office(world: MakeWorld) -> None:
    async with world(ntp=False, starts_in=datetime(1970, 1, 1, tzinfo=UTC)) as w:
        await w.charge(minutes=2)
        await w.unplug()
        started = start_time(w)
        assert abs((started - w.true_time()).total_seconds()) < 200
        assert w.daemon.clock.source == "csms"


async def test_what_happened_before_the_clock_was_known_is_told_with_its_true_time(world: MakeWorld) -> None:
    def no_line(w: World) -> None:
        w.link.up = False

    async with world(ntp=False, starts_in=datetime(1970, 1, 1, tzinfo=UTC), before=no_line) as w:
        w.given("AllowOfflineTxForUnknownId", "true")
        await w.charge(minutes=2)
        await w.unplug()
        began = NOON
        w.link.restore()
        await w.wait(minutes=15)
        assert len(w.bills()) == 1
        assert 0 < (start_time(w) - began).total_seconds() < 60


def start_time(w: World) -> datetime:
    action = "StartTransaction" if w.version == "1.6" else "TransactionEvent"
    return datetime.fromisoformat(w.said(action)[0]["timestamp"])


# --- hardware ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["earth_leakage", "emergency_stop"])
async def test_a_dangerous_fault_opens_at_once_and_ends_the_bill(world: MakeWorld, kind: str) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.fault(kind)
        assert (w.closed(), w.status(), len(w.bills())) == (False, Status.FAULTED, 1)


@pytest.mark.parametrize("kind", ["overtemperature", "undervoltage", "overvoltage"])
async def test_a_passing_fault_suspends_and_charging_goes_on(world: MakeWorld, kind: str) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.fault(kind)
        await w.wait(30)
        assert (w.closed(), w.status()) == (False, Status.FAULTED)
        await w.fault(kind, active=False)
        await w.wait(minutes=3)
        assert w.closed()
        await w.unplug()
        assert len(w.bills()) == 1


async def test_a_welded_contactor_keeps_the_station_out_of_service(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.fault("contactor_welded")
        await w.card("CARD1")
        await w.wait(30)
        assert w.status() is Status.FAULTED
        assert w.csms.statuses()[-1] == "Faulted"
        assert len(w.bills()) == 1
        assert w.yard.locked(1)


@pytest.mark.parametrize("kind", ["contactor_stuck_open", "lock_jammed", "pilot_shorted"])
async def test_what_cannot_work_does_not_charge(world: MakeWorld, kind: str) -> None:
    async with world() as w:
        await w.fault(kind)
        await w.charge(seconds=60)
        assert not w.closed()
        assert w.register_wh() == pytest.approx(1000.7)


async def test_a_lost_meter_stops_within_seconds_and_invents_nothing(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=2)
        await w.fault("meter_lost")
        await w.wait(4)
        assert w.status() is Status.FAULTED
        await w.wait(10)
        assert not w.closed()
        shown_wh = w.register_wh()
        await w.wait(minutes=2)
        assert w.register_wh() == shown_wh
        await w.fault("meter_lost", active=False)
        await w.until(w.closed)
        await w.wait(minutes=1)
        await w.unplug()
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)


async def test_a_lost_meter_may_be_done_without_where_the_installer_says_so(world: MakeWorld) -> None:
    async with world(evse={"on_meter_loss": "continue"}) as w:
        await w.charge(minutes=2)
        await w.fault("meter_lost")
        await w.wait(minutes=2)
        assert (w.closed(), w.status()) == (True, Status.CHARGING)
        await w.fault("meter_lost", active=False)
        await w.wait(minutes=1)
        await w.unplug()
        [bill] = w.bills()
        assert bill.energy_wh == pytest.approx(w.register_wh() - 1000.7, abs=1)  # the meter counted all the while


async def test_where_a_lost_meter_may_be_done_without_a_session_ends_at_the_last_known_count(world: MakeWorld) -> None:
    async with world(evse={"on_meter_loss": "continue"}) as w:
        await w.charge(minutes=2)
        await w.fault("meter_lost")
        known_wh = w.evse().register_wh
        await w.wait(minutes=2)
        await w.unplug()
        await w.wait(15)
        [ended] = w.happened(TransactionEnded)
        assert ended.energy_wh == pytest.approx(known_wh - 1000.7, abs=1)


async def test_a_car_that_draws_too_much_is_switched_off(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        await w.fault("overcurrent")
        await w.wait(20)
        assert (w.closed(), w.status()) == (False, Status.FAULTED)


# --- what a restart must not forget -----------------------------------------------------------------------------------


async def test_a_session_that_is_interrupted_stays_so_over_a_restart(world: MakeWorld) -> None:
    async with world() as w:
        w.given("StopTransactionOnEVSideDisconnect", "false")
        await w.charge(minutes=1)
        await w.unplug(side="ev")
        await w.restart_program()
        await w.wait(10)
        assert (w.bills(), w.status()) == ([], Status.SUSPENDED_EV)
        await w.plug()
        await w.until(w.closed)
        await w.card("CARD1")
        await w.wait(2)
        assert len(w.bills()) == 1


async def test_a_card_of_the_same_group_stops_after_a_restart_too(world: MakeWorld) -> None:
    async with world() as w:
        w.csms.groups = {"HIS": "FAMILY", "HERS": "FAMILY"}
        await w.charge("HIS", minutes=1)
        await w.restart_program()
        await w.card("HERS")
        await w.wait(10)
        assert not w.closed()


async def test_a_limit_set_on_site_survives_a_restart(world: MakeWorld) -> None:
    async with world() as w:
        await w.charge(minutes=1)
        w.daemon.desk.act(lambda station, now: station.limit(1, 8.0, now))
        await w.wait(5)
        await w.restart_program()
        assert w.permit_a() == 8.0


async def test_a_restart_lets_nobody_charge_who_was_never_authorized(world: MakeWorld) -> None:
    async with world() as w:
        if w.version == "1.6":
            return  # there a transaction never begins before its token
        w.given("TxCtrlr.TxStartPoint", "EVConnected")
        w.given("TxCtrlr.TxStopPoint", "EVConnected")
        await w.plug()
        await w.wait(10)
        await w.restart_program()
        await w.wait(20)
        assert not w.closed()
        await w.card("CARD1")
        await w.until(w.closed)
        await w.card("CARD1")
        await w.wait(10)
        await w.restart_program()  # stopped by its driver, and still one transaction
        await w.wait(20)
        assert not w.closed()
        assert w.csms.transactions() == 1


async def test_a_free_charge_that_was_stopped_stays_stopped(world: MakeWorld) -> None:
    async with world(access="free") as w:
        await w.plug()
        await w.until(w.closed)
        w.daemon.desk.act(lambda station, now: station.stop(1, now))
        await w.wait(60)
        assert not w.closed()
        await w.fault("emergency_stop")
        await w.fault("emergency_stop", active=False)
        await w.wait(60)
        assert not w.closed()
