"""Security events: which the back office must hear of, and how often one is told."""

import pytest

from chargepoint.core.facts import SecurityEvent, SecurityNoted
from chargepoint.core.security import CRITICAL, PERIOD_S, PROVOKED, TRIGGERED, Event, Notices, fact

WHITEPAPER = {  # edition 3, chapter 8: name -> critical; in 2.0.1's words
    "FirmwareUpdated": True, "FailedToAuthenticateAtCsms": False, "CsmsFailedToAuthenticate": False,
    "SettingSystemTime": True, "StartupOfTheDevice": True, "ResetOrReboot": True, "SecurityLogWasCleared": True,
    "ReconfigurationOfSecurityParameters": False, "MemoryExhaustion": True, "InvalidMessages": False,
    "AttemptedReplayAttacks": False, "TamperDetectionActivated": True, "InvalidFirmwareSignature": False,
    "InvalidFirmwareSigningCertificate": False, "InvalidCsmsCertificate": False,
    "InvalidChargingStationCertificate": False, "InvalidTLSVersion": False, "InvalidTLSCipherSuite": False,
    "MaintenanceLoginAccepted": True, "MaintenanceLoginFailed": True,
}  # fmt: skip


def test_the_list_is_the_standards() -> None:
    assert {event.value: event in CRITICAL for event in Event} == WHITEPAPER


@pytest.mark.parametrize("event", Event)
def test_critical_ones_and_those_a_use_case_triggers_are_owed_and_the_rest_is_noted(event: Event) -> None:
    owed = event in CRITICAL or event in TRIGGERED
    assert type(fact(event)) is (SecurityEvent if owed else SecurityNoted)


def test_the_first_is_told_at_once() -> None:
    assert Notices().take(Event.STARTUP_OF_THE_DEVICE, "PowerUp", 0.0) == SecurityEvent(
        0, "StartupOfTheDevice", "PowerUp"
    )


def test_repetitions_are_counted_and_told_once_a_period() -> None:
    notices = Notices()
    notices.take(Event.INVALID_CSMS_CERTIFICATE, "expired", 0.0)
    for second in range(1, 4):
        assert notices.take(Event.INVALID_CSMS_CERTIFICATE, "expired", float(second)) is None
    later = notices.take(Event.INVALID_CSMS_CERTIFICATE, "expired", 3600.0)
    assert later is not None
    assert later.info == "expired (3 more since the last notice)"  # type: ignore[union-attr]


def test_what_others_provoke_is_one_event_whatever_it_is_about() -> None:
    notices = Notices()
    assert notices.take(Event.INVALID_MESSAGES, "no JSON", 0.0) is not None
    assert notices.take(Event.INVALID_MESSAGES, "too long", 1.0) is None


def test_what_the_station_does_itself_is_told_for_each_subject() -> None:
    assert Event.RECONFIGURATION_OF_SECURITY_PARAMETERS not in PROVOKED
    notices = Notices()
    assert notices.take(Event.RECONFIGURATION_OF_SECURITY_PARAMETERS, "key", 0.0) is not None
    assert notices.take(Event.RECONFIGURATION_OF_SECURITY_PARAMETERS, "profile", 1.0) is not None
    assert notices.take(Event.RECONFIGURATION_OF_SECURITY_PARAMETERS, "key", 2.0) is None


def test_a_count_that_nothing_follows_is_told_when_its_period_is_over() -> None:
    notices = Notices()
    notices.take(Event.MAINTENANCE_LOGIN_FAILED, "from 10.0.0.7", 0.0)
    notices.take(Event.MAINTENANCE_LOGIN_FAILED, "from 10.0.0.8", 5.0)
    assert list(notices.overdue(PERIOD_S - 1)) == []
    assert list(notices.overdue(PERIOD_S)) == [
        SecurityEvent(0, "MaintenanceLoginFailed", "from 10.0.0.7 (1 more since the last notice)")
    ]
    assert notices.take(Event.MAINTENANCE_LOGIN_FAILED, "", PERIOD_S + 1) is None  # a new period has begun
    assert len(list(notices.overdue(2 * PERIOD_S))) == 1
    assert list(notices.overdue(3 * PERIOD_S)) == []


def test_quiet_is_forgotten() -> None:
    notices = Notices()
    notices.take(Event.INVALID_MESSAGES, "", 0.0)
    assert list(notices.overdue(PERIOD_S)) == []
    assert notices._told == {}
