"""The sensor boards of one EVSE read as one: the pilot's own inputs, the EVSE's board, and what the station shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from hw.api import SensorBoard, Sensors


class Board(Protocol):
    """What a pilot and a sensor board have in common."""

    def sensors(self) -> Sensors: ...
    def test_residual_current(self) -> None: ...


class Senses:
    """As long as no board has news, `read()` returns the same object."""

    __slots__ = ("_merged", "_own", "_parts", "_reads")

    def __init__(self, own: Sequence[Board], common: SensorBoard | None) -> None:
        self._own = tuple(own)
        self._reads: tuple[Callable[[], Sensors], ...] = tuple(board.sensors for board in self._own)
        if common is not None:
            self._reads += (common.sensors,)
        self._parts: tuple[Sensors, ...] = ()
        self._merged = Sensors()

    def read(self) -> Sensors:
        """Raises DeviceLost where one of the boards does."""
        parts = tuple([read() for read in self._reads])
        if parts != self._parts:
            self._parts = parts
            own = len(self._own)
            self._merged = merged([*parts[:own], *map(shared, parts[own:])])
        return self._merged

    def test(self) -> None:
        """Start the self-test of every residual-current device of this EVSE."""
        for board, seen in zip(self._own, self._parts, strict=False):
            if seen.rcd_selftest_fitted:
                board.test_residual_current()


def shared(sensors: Sensors) -> Sensors:
    """What a station's board says about each EVSE.

    Its currents are everybody's together, and a test of its residual-current device would trip whoever charges.
    """
    return replace(sensors, current_a=(), rcd_selftest_fitted=False, rcd_selftest_ok=None)


def merged(parts: Sequence[Sensors]) -> Sensors:
    """The worst of each."""
    metered = next((part for part in parts if part.current_a), Sensors())
    tested = [part.rcd_selftest_ok for part in parts if part.rcd_selftest_fitted]
    return Sensors(
        residual_current=_any([part.residual_current for part in parts]),
        emergency_stop=_any([part.emergency_stop for part in parts]),
        temperature_degc=max((p.temperature_degc for p in parts if p.temperature_degc is not None), default=None),
        rcd_selftest_ok=_all(tested),
        rcd_selftest_fitted=bool(tested),
        earth_missing=_any([part.earth_missing for part in parts]),
        pen_fault=_any([part.pen_fault for part in parts]),
        enclosure_open=_any([part.enclosure_open for part in parts]),
        key_locked=_any([part.key_locked for part in parts]),
        limit_contact=_any([part.limit_contact for part in parts]),
        current_a=metered.current_a,
        current_taken_s=metered.current_taken_s,
        reported_faults=tuple(dict.fromkeys(name for part in parts for name in part.reported_faults)),
    )


def _any(flags: list[bool | None]) -> bool | None:
    """None: nobody can tell."""
    told = [flag for flag in flags if flag is not None]
    return any(told) if told else None


def _all(outcomes: list[bool | None]) -> bool | None:
    """None: nobody has been tested, or not everybody yet."""
    if False in outcomes:
        return False
    return None if not outcomes or None in outcomes else True
