"""Outages as rows: what lasts, what is forgotten, and what an older program leaves alone."""

from datetime import timedelta

import pytest

from chargepoint.core.uptime import STATION, Cause, Outage
from chargepoint.store import outages as module
from chargepoint.store.clocks import Stamp
from chargepoint.store.journal import Journal
from tests.store.given import BOOT, NOON


def stamp(after: timedelta, boot: str | None = None) -> Stamp:
    return Stamp(NOON + after, 1000.0 + after.total_seconds(), boot)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_one_that_lasts_is_ended_and_explained(journal: Journal) -> None:
    outages = journal.outages
    assert outages.empty
    outages.begin("1", Cause.FAULT, "MREC8EmergencyStop", stamp(HOUR))
    outages.begin("csms", Cause.NETWORK, "", stamp(HOUR))
    outages.explain("csms", Cause.REFUSED, "")
    outages.end("1", stamp(2 * HOUR))
    assert outages.lasting() == [Outage("csms", Cause.REFUSED, "", NOON + HOUR, None)]
    assert outages.all()[0] == Outage("1", Cause.FAULT, "MREC8EmergencyStop", NOON + HOUR, NOON + 2 * HOUR)


async def test_times_are_corrected_at_either_end(journal: Journal) -> None:
    journal.outages.begin(STATION, Cause.POWER_LOSS, "", stamp(HOUR), stamp(timedelta(0), BOOT))
    assert journal.outages.all()[0].clock == "unknown"
    await journal.note_clock(1000.0, NOON + 3 * HOUR)
    (cut,) = journal.outages.all()
    assert (cut.ended, cut.clock) == (NOON + 3 * HOUR, "corrected")


async def test_they_are_forgotten_after_four_hundred_days_and_the_begin_of_the_records_never(journal: Journal) -> None:
    journal.outages.begin(STATION, Cause.INSTALLED, "", stamp(timedelta()), stamp(timedelta()))
    journal.outages.begin("1", Cause.FAULT, "", stamp(HOUR), stamp(2 * HOUR))
    journal.outages.begin("1", Cause.FAULT, "", stamp(3 * HOUR))
    await journal.prune(NOON + 399 * DAY)
    assert len(journal.outages.all()) == 3
    await journal.prune(NOON + 401 * DAY)
    assert [(each.cause, each.ended) for each in journal.outages.all()] == [
        (Cause.INSTALLED, NOON),
        (Cause.FAULT, None),
    ]


def test_a_contact_that_bounces_does_not_fill_the_card(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    journal.outages.begin(STATION, Cause.INSTALLED, "", stamp(timedelta()), stamp(timedelta()))
    for n in range(50):
        journal.outages.begin("1", Cause.FAULT, str(n), stamp(n * HOUR), stamp(n * HOUR))
    kept = journal.outages.all()
    assert (len(kept), kept[0].cause, kept[1].detail) == (11, Cause.INSTALLED, "40")


def test_a_cause_of_tomorrow_is_shown_as_it_is_called(journal: Journal) -> None:
    journal.outages.begin("1", Cause.FAULT, "x", stamp(HOUR))
    with journal.database._writer as connection:  # what a newer version has written
        connection.execute("UPDATE outages SET cause = 'meteor'")
    assert [(each.cause, each.detail) for each in journal.outages.all()] == [(Cause.FAULT, "meteor x")]
