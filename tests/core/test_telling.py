"""The log in plain words: each line somebody on site may read, and silence about the rest."""

import pytest

from chargepoint.core.facts import (
    AvailabilityChanged,
    AvailabilityScheduled,
    CablePlugged,
    CableUnplugged,
    ChargingState,
    ContactorClosed,
    ContactorOpened,
    CsmsConnected,
    CsmsLost,
    Deauthorized,
    Fact,
    FaultCleared,
    FaultRaised,
    GridLimitSet,
    JournalDamaged,
    LimitChanged,
    LocalLimitSet,
    MeterBack,
    MeterIdentified,
    MeterLost,
    PlugInTimedOut,
    SessionEnded,
    SessionResumed,
    SettingChanged,
    StationStarted,
    Status,
    StatusChanged,
    StopReason,
    Token,
    TokenAccepted,
    TokenRefused,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)
from chargepoint.core.telling import told

CARD = Token("04A1B2C3D4E5F6")
ID = "0123456789abcdef"

LINES: list[tuple[Fact, str]] = [
    (StatusChanged(1, Status.CHARGING), "evse=1 charging"),
    (StatusChanged(2, Status.FAULTED, "MREC8EmergencyStop"), "evse=2 faulted (MREC8EmergencyStop)"),
    (CablePlugged(1, 20.0), "evse=1 vehicle connected, cable for 20 A"),
    (CablePlugged(1), "evse=1 vehicle connected"),
    (CableUnplugged(1), "evse=1 vehicle disconnected"),
    (
        SessionResumed(1, ID, "fedcba9876543210"),
        "evse=1 session=01234567 transaction=fedcba98 is taken up after a restart",
    ),
    (TokenAccepted(1, ID, CARD, "cache"), "evse=1 session=01234567 …E5F6 may charge (cache)"),
    (TokenAccepted(1, ID, Token(""), "free"), "evse=1 session=01234567 everybody may charge (free)"),
    (TokenRefused(0, CARD, "Blocked"), "…E5F6 may not charge: Blocked"),
    (Deauthorized(1, ID, "Invalid"), "evse=1 session=01234567 authorization withdrawn: Invalid"),
    (PlugInTimedOut(1, ID), "evse=1 session=01234567 no vehicle came"),
    (ContactorClosed(1, 16.04), "evse=1 contactor closed, 16.0 A"),
    (ContactorOpened(1), "evse=1 contactor opened"),
    (LimitChanged(1, 13.3, "supply"), "evse=1 13.3 A (supply)"),
    (LimitChanged(1, 0.0, "no session"), "evse=1 no power: no session"),
    (FaultRaised(1, "MREC14PilotFault", "high", "Look at it."), "evse=1 high fault MREC14PilotFault. Look at it."),
    (FaultCleared(1, "MREC14PilotFault"), "evse=1 fault MREC14PilotFault is gone"),
    (LocalLimitSet(1, 10.5), "evse=1 limited to 10.5 A on site"),
    (LocalLimitSet(1, None), "evse=1 limit set on site is lifted"),
    (GridLimitSet(1, 4200.0), "evse=1 limited to 4.2 kW by the grid operator"),
    (GridLimitSet(1, None), "evse=1 the grid operator's limit is lifted"),
    (MeterIdentified(1, "0815"), "evse=1 its meter is 0815"),
    (AvailabilityChanged(1, True), "evse=1 in service"),
    (AvailabilityChanged(0, False), "out of service"),
    (MeterLost(1, "no answer"), "evse=1 meter lost: no answer"),
    (MeterBack(1), "evse=1 meter is back"),
    (StationStarted(0, "PowerUp"), "started (PowerUp)"),
    (JournalDamaged(0, "/x.bad"), "the journal was damaged; it is kept as /x.bad"),
    (SettingChanged(0, "HeartbeatInterval", "300", "csms"), "HeartbeatInterval = 300 (csms)"),
    (SettingChanged(0, "AuthorizationKey", "", "csms"), "AuthorizationKey = (secret) (csms)"),
    (CsmsConnected(0, "2.0.1"), "the back office accepts us, OCPP 2.0.1"),
    (CsmsLost(0), "the back office cannot be reached"),
    (
        TransactionStarted(1, ID, "s", 0, Trigger.AUTHORIZED, ChargingState.CHARGING, CARD, 5000.4),
        "evse=1 transaction=01234567 started at 5000 Wh (Authorized)",
    ),
    (
        TransactionEnded(
            1, ID, "s", 9, Trigger.STOP_AUTHORIZED, ChargingState.IDLE, StopReason.LOCAL, CARD, 5700.4, energy_wh=699.6
        ),
        "evse=1 transaction=01234567 ended at 5700 Wh, 700 Wh (Local)",
    ),
]
SILENT: list[Fact] = [
    SessionEnded(1, ID),
    AvailabilityScheduled(1, False),
    TransactionUpdated(1, ID, 1, Trigger.METER_VALUE_PERIODIC, ChargingState.CHARGING),
]


@pytest.mark.parametrize(("fact", "line"), LINES, ids=lambda part: type(part).__name__)
def test_a_fact_in_one_line(fact: Fact, line: str) -> None:
    assert told(fact) == line


@pytest.mark.parametrize("fact", SILENT, ids=lambda fact: type(fact).__name__)
def test_what_nobody_on_site_notices_is_not_told(fact: Fact) -> None:
    assert told(fact) == ""


@pytest.mark.parametrize(
    ("value", "masked"),
    [("", ""), ("1234", "1234"), ("12345", "…2345"), ("04A1B2C3D4E5F6", "…E5F6")],
)
def test_a_card_is_told_by_its_last_four_characters(value: str, masked: str) -> None:
    assert Token(value).masked == masked


def test_a_token_is_no_text() -> None:
    assert Token("A") != "A"
    assert (Token("A") == "A", Token("A").__eq__("A")) == (False, NotImplemented)
