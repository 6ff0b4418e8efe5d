"""Facts as a charging session makes them, for the tests of the store."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chargepoint.core.facts import (
    ChargingState,
    Fact,
    MetersSampled,
    Quantity,
    Record,
    Sample,
    StopReason,
    Token,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
    Trigger,
)

NOON = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
BOOT = "8d0c8e0c-6a0d-4a55-9a0e-0a4a2c6d1f00"
CARD = Token("04A1B2C3D4E5F6", "ISO14443")


def record(fact: Fact, after_s: float = 0.0, *, boot: str = BOOT, trusted: bool = True, at: datetime = NOON) -> Record:
    return Record(fact, at + timedelta(seconds=after_s), 1000.0 + after_s, boot, trusted)


def started(transaction: str, *, evse: int = 1, token: Token | None = CARD) -> TransactionStarted:
    return TransactionStarted(
        evse, transaction, f"session of {transaction}", 0, Trigger.AUTHORIZED, ChargingState.CHARGING, token, 1000.0
    )


def charging(transaction: str, seq_no: int, *, evse: int = 1, measured: int = 1) -> TransactionUpdated:
    """A periodic sample."""
    return TransactionUpdated(
        evse, transaction, seq_no, Trigger.METER_VALUE_PERIODIC, ChargingState.CHARGING,
        samples=tuple(three_phases(seq_no + number) for number in range(measured)),
    )  # fmt: skip


def suspended(transaction: str, seq_no: int, token: Token | None = None) -> TransactionUpdated:
    return TransactionUpdated(
        1, transaction, seq_no, Trigger.CHARGING_STATE_CHANGED, ChargingState.SUSPENDED_EV, token
    )  # fmt: skip


def ended(transaction: str, seq_no: int = 9, *, evse: int = 1) -> TransactionEnded:
    return TransactionEnded(
        evse, transaction, f"session of {transaction}", seq_no, Trigger.EV_DEPARTED, ChargingState.EV_CONNECTED,
        StopReason.EV_DISCONNECTED, CARD, 4500.0, started_at=NOON, energy_wh=3500.0,
    )  # fmt: skip


def idle_sample(evse: int = 1) -> MetersSampled:
    return MetersSampled(evse, (three_phases(1),))


def three_phases(number: int) -> Sample:
    """What a three-phase meter gives where everything is asked of it: no two alike."""
    current = 15.0 + number % 97 / 100
    return Sample(
        NOON + timedelta(seconds=10 * number, microseconds=123_457 * number % 1_000_000),
        "Sample.Periodic",
        (
            Quantity("Energy.Active.Import.Register", 1_234_567.8 + 30.7 * number, "Wh"),
            Quantity("Power.Active.Import", round(current * 690.3, 1), "W"),
            *(Quantity("Current.Import", round(current + phase / 7, 2), "A", f"L{phase}") for phase in (1, 2, 3)),
            *(Quantity("Voltage", round(229 + (number % 13 + phase) / 7, 1), "V", f"L{phase}") for phase in (1, 2, 3)),
        ),
    )  # fmt: skip


VERSION_1 = Path(__file__).with_name("version-1.sql")
"""What the first version of the tables left behind: delivered, owed and running transactions."""


def restore_dump(dump: Path, path: Path) -> None:
    """A database as it was once."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(dump.read_text())
