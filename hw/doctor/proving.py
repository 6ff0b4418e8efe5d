"""What all steps on devices have in common: waiting for a value, and surviving a device that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from inspect import isawaitable
from typing import TypeVar

from hw.doctor.findings import Checkable, Finding, failed
from hw.errors import DeviceLost

T = TypeVar("T")

LOOK_EVERY_S = 0.02
ANSWERS_WITHIN_S = 3.0  # a device on a slow bus, and one that has just been opened

Findings = AsyncIterator[Finding]


def nothing() -> None:
    """No other device has to be looked at first."""


def after(look: Callable[[], object], read: Callable[[], T]) -> Callable[[], T]:
    """`read`, as the guard does it: the pilot's levels are always looked at first, and some boards go by that."""

    def both() -> T:
        with suppress(DeviceLost):  # its own steps tell
            look()
        return read()

    return both


async def until(read: Callable[[], T], good: Callable[[T], bool], within_s: float) -> T:
    """What `read()` says, as soon as it is good; else what it says last."""
    clock = asyncio.get_running_loop().time
    deadline_s = clock() + within_s
    while not good(value := read()) and clock() < deadline_s:  # noqa: ASYNC110 - pins set no Event
        await asyncio.sleep(LOOK_EVERY_S)
    return value


async def answering(read: Callable[[], T], within_s: float = ANSWERS_WITHIN_S) -> T:
    """The first value of a device that may still be waking up. Raises DeviceLost when there is none in time."""
    clock = asyncio.get_running_loop().time
    deadline_s = clock() + within_s
    while True:
        try:
            return read()
        except DeviceLost:
            if clock() >= deadline_s:
                raise
        await asyncio.sleep(LOOK_EVERY_S)


async def at(place: str, steps: Findings) -> Findings:
    """The steps, named after their place; a device that goes away in the middle of them is a failure of its own."""
    step, proves = "answers", f"{_noun(place)} answers"
    try:
        async for finding in steps:
            yield replace(finding, step=f"{place}.{finding.step}")
            step, proves = "stays", f"{_noun(place)} goes on answering"
    except DeviceLost as lost:
        yield failed(f"{place}.{step}", proves, lost.what, lost.fix)


def _noun(place: str) -> str:
    """What stands there: "card_reader.1" is a card reader, "evse.1.meter" a meter."""
    return next(word for word in reversed(place.split(".")) if not word.isdigit()).replace("_", " ")


async def own_checks(driver: object) -> Findings:
    """What only the driver can know."""
    if not isinstance(driver, Checkable):
        return
    try:
        told: Sequence[Finding] | Awaitable[Sequence[Finding]] = driver.check()
        findings = await told if isawaitable(told) else told
    except DeviceLost as lost:
        findings = [failed("check", "it passes its own check", lost.what, lost.fix)]
    for finding in findings:
        yield finding
