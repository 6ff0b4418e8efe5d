"""Leaves every device safe: contactors open, no offer, motors off, lamps dark, the buzzer silent.

Each device for itself: one that cannot be found, or that fails, keeps none of the others from being told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from hw.api import Contactor, Remote
from hw.errors import Fixable
from hw.guard.config import GuardConfig, Part, Section, open_part
from hw.guard.hardware import Hardware
from hw.guard.offer import STEADY_PLUS

SETTLE_S = 4.0  # for a serial port to open, its controller to be found, and two lost answers
PARTS: tuple[Part, ...] = ("contactor", "pilot", "lock", "indicator")
"""In this order. The phase contactor is left alone: it switches nothing by itself, and must not move under a load that
a weld keeps up."""


def release(hardware: Iterable[Hardware]) -> list[str]:
    """What a guard does that ends. Returns what went wrong, in sentences."""
    return _release([{part: getattr(evse, part) for part in PARTS if getattr(evse, part)} for evse in hardware])


def release_unguarded(config: GuardConfig, state_dir: Path) -> list[str]:
    """The same where there is no guard any more: opens every device anew, the contactors first."""
    complaints: list[str] = []
    evses: list[dict[Part, Any]] = [{} for _ in config.sections]
    for part in PARTS:
        for number, (section, parts) in enumerate(zip(config.sections, evses, strict=True), 1):
            if part in section.drivers:
                _attempt(partial(_open, parts, section, part, number, state_dir), complaints)
    return complaints + _release(evses)


def _settle(remote: Remote, until_s: float) -> None:
    remote.settle(max(until_s - time.monotonic(), 0.0))


def _open(parts: dict[Part, Any], section: Section, part: Part, evse: int, state_dir: Path) -> None:
    parts[part] = open_part(section, part, evse, state_dir)


def _release(evses: Iterable[Mapping[Part, Any]]) -> list[str]:
    """Everybody is told first; then those at the end of a line are waited for."""
    complaints: list[str] = []
    evses = list(evses)
    for step in [step for parts in evses for step in _steps(parts)]:
        _attempt(step, complaints)
    until_s = time.monotonic() + SETTLE_S
    for remote in {id(part): part for parts in evses for part in parts.values() if isinstance(part, Remote)}.values():
        _attempt(partial(_settle, remote, until_s), complaints)
    return complaints


def _steps(parts: Mapping[Part, Any]) -> list[Callable[[], None]]:
    steps: list[Callable[[], None]] = []
    contactor, pilot = parts.get("contactor", parts.get("pilot")), parts.get("pilot")
    if isinstance(contactor, Contactor):
        steps.append(partial(contactor.switch, False))
    if pilot is not None:
        steps.append(partial(pilot.offer, STEADY_PLUS))
    return steps + [parts[part].close for part in ("lock", "indicator") if part in parts]


def _attempt(step: Callable[[], None], complaints: list[str]) -> None:
    try:
        step()
    except Fixable as error:
        complaints.append(str(error))
    except Exception as error:  # whatever is wrong with one driver, the next device is released
        complaints.append(f"{type(error).__name__}: {error}")
