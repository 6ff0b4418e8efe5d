"""The table of a session's states: complete for everything hardware may do, and as OCPP draws it."""

from datetime import UTC, datetime

import pytest

from chargepoint.core.facts import Moment
from chargepoint.core.session import TABLE, Event, Session, State, Unexpected

E, S = Event, State
HARDWARE = (E.CONNECT, E.DISCONNECT, E.INTERRUPT, E.CABLE_GONE)
NOW = Moment(100.0, datetime(2026, 11, 22, 12, tzinfo=UTC))


def a_session(state: State) -> Session:
    return Session("s1", state, NOW.at, NOW.mono_s)


@pytest.mark.parametrize("state", [state for state in State if state is not S.OVER])
@pytest.mark.parametrize("event", HARDWARE)
def test_hardware_may_do_anything_at_any_time(state: State, event: Event) -> None:
    assert (state, event) in TABLE


def test_nothing_happens_to_a_session_that_is_over() -> None:
    assert not [row for row in TABLE if row[0] is S.OVER]


def test_an_impossible_event_changes_nothing() -> None:
    session = a_session(S.PLUGGED)
    with pytest.raises(Unexpected, match="RELEASE while PLUGGED"):
        session.handle(E.RELEASE, NOW, 60)
    assert session.state is S.PLUGGED


@pytest.mark.parametrize(
    ("events", "states"),
    [
        ([E.AUTHORIZE, E.DISCONNECT, E.CABLE_GONE], [S.SUPPLYING, S.FINISHING, S.OVER]),
        ([E.AUTHORIZE, E.RELEASE, E.DISCONNECT, E.CABLE_GONE], [S.SUPPLYING, S.FINISHING, S.FINISHING, S.OVER]),
        ([E.AUTHORIZE, E.INTERRUPT, E.CONNECT, E.RELEASE], [S.SUPPLYING, S.INTERRUPTED, S.SUPPLYING, S.FINISHING]),
        ([E.AUTHORIZE, E.INTERRUPT, E.RELEASE, E.CABLE_GONE], [S.SUPPLYING, S.INTERRUPTED, S.FINISHING, S.OVER]),
        ([E.TIME_OUT, E.AUTHORIZE], [S.FINISHING, S.SUPPLYING]),
        ([E.DISCONNECT, E.CONNECT, E.AUTHORIZE], [S.FINISHING, S.PLUGGED, S.SUPPLYING]),
        ([E.CABLE_GONE], [S.OVER]),
    ],
    ids=lambda values: "-".join(value.name for value in values),
)
def test_a_visit_that_begins_with_the_plug(events: list[Event], states: list[State]) -> None:
    session = a_session(S.PLUGGED)
    assert [session.handle(event, NOW, 60) for event in events] == states


@pytest.mark.parametrize(
    ("events", "states"),
    [
        ([E.CONNECT, E.CABLE_GONE], [S.SUPPLYING, S.OVER]),
        ([E.TIME_OUT], [S.OVER]),
        ([E.RELEASE], [S.OVER]),
        ([E.CABLE_GONE, E.DISCONNECT, E.CONNECT], [S.AUTHORIZED, S.AUTHORIZED, S.SUPPLYING]),
    ],
    ids=lambda values: "-".join(value.name for value in values),
)
def test_a_visit_that_begins_with_the_card(events: list[Event], states: list[State]) -> None:
    session = a_session(S.AUTHORIZED)
    assert [session.handle(event, NOW, 60) for event in events] == states


def test_only_waiting_for_the_other_half_has_a_deadline() -> None:
    session = a_session(S.FINISHING)
    session.handle(E.CONNECT, NOW, 60)
    assert session.deadline_s == 160.0
    session.handle(E.AUTHORIZE, NOW, 60)
    assert session.deadline_s is None


def test_without_a_time_out_the_wait_has_no_end() -> None:
    session = a_session(S.FINISHING)
    session.handle(E.CONNECT, NOW, 0)
    assert session.deadline_s is None


def test_a_time_out_of_one_second_is_one() -> None:
    session = a_session(S.FINISHING)
    session.handle(E.CONNECT, NOW, 1)
    assert session.deadline_s == 101.0


def test_an_event_that_changes_nothing_does_not_prolong_the_wait() -> None:
    session = a_session(S.FINISHING)
    session.handle(E.CONNECT, NOW, 60)
    session.handle(E.CONNECT, Moment(150.0, NOW.at), 60)
    assert session.deadline_s == 160.0


@pytest.mark.parametrize("state", [S.SUPPLYING, S.INTERRUPTED])
def test_the_plug_is_held_while_supply_is_possible(state: State) -> None:
    assert a_session(state).locked


@pytest.mark.parametrize("state", [S.PLUGGED, S.AUTHORIZED, S.FINISHING])
def test_the_plug_is_free_otherwise_unless_its_owner_must_come(state: State) -> None:
    session = a_session(state)
    assert not session.locked
    session.hold_lock = True
    assert session.locked
