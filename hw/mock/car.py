"""A simulated car: what it puts on the control pilot, and what it draws.

Time is an argument; nothing happens between `settle()` calls but straight lines, and `due_s` says when the next one is
needed: an hour costs as much as its events. The behaviours are those that real cars were seen to have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from hw.errors import Refused
from hw.guard.pilot import offer_of
from hw.options import option, read_options

STOP_WITHIN_S = 3.0  # an obedient car has opened S2 this long after the offer was withdrawn
FOLLOW_WITHIN_S = 5.0  # and follows a new duty cycle in this time
PULSE_PAUSE_S = 2.0  # between a short C pulse and asking in earnest
WAKE_F_S = 3.0  # a sleeping car wakes after this long in state F ...
WAKE_CUT_S = 3.5  # ... or with the pilot cut
TAPER_STEPS = 10
_WAKING_S: dict[float | None, float] = {0.0: WAKE_F_S, None: WAKE_CUT_S}
NOTHING_WH = 1e-6  # less is rounding
SIMPLIFIED_A = 10.0  # a car without S2 draws no more


@dataclass(slots=True)
class Lagging:
    """A value that follows what it is told after a while: a contact that travels, a relay, a regulator."""

    value: Any
    target: Any = None
    due_s: float = inf

    def __post_init__(self) -> None:
        self.target = self.value

    def aim(self, target: Any, delay_s: float, now_s: float) -> None:
        if target != self.target:
            self.target = target
            self.due_s = inf if target == self.value else now_s + delay_s

    def settle(self, now_s: float) -> None:
        if now_s >= self.due_s:
            self.value, self.due_s = self.target, inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How a car behaves. The defaults are an obedient one."""

    draw_a: float = option(16.0, minimum=0, maximum=100)  # amperes per phase that it wants
    phases: int = option(3, minimum=1, maximum=3)
    asks_power: bool = True
    ventilation: bool = False  # asks in state D
    reaction_s: float = option(0.5, minimum=0)  # from the offer to S2, and to a new duty cycle
    ignores_offer: bool = False  # neither obeys the duty cycle nor its end
    sleeps: bool = False  # stays in B until woken
    diode: bool = True
    over_draw: float = option(1.0, minimum=0)  # draws this many times what it was offered
    simplified: bool = False  # no S2: state C from the moment of plugging in
    pulse_s: float = option(
        0.0, minimum=0
    )  # a short C before asking in earnest (BMW iX3: 0.25; BCB toggle: 0.2 to 0.4)
    pause_after_s: float = option(inf, minimum=0)  # leaves C after so long (Renault Zoe, cooling) ...
    pause_for_s: float = option(30.0, minimum=0)  # ... for so long, and comes back
    battery_wh: float = option(inf, minimum=0)  # takes this much, then is full
    taper_wh: float = option(0.0, minimum=0)  # and draws less and less over the last so many
    locks_up_on_f: bool = False  # state F sends it to sleep for good


PRESETS: dict[str, dict[str, Any]] = {
    "zoe": {"pause_after_s": 60.0, "pause_for_s": 30.0},
    "ix3": {"pulse_s": 0.25},
    "simplified": {"simplified": True},
    "greedy": {"over_draw": 1.4},
    "tapering": {"battery_wh": 3000.0, "taper_wh": 1000.0},
}


@dataclass(slots=True)
class Car:
    """A car on the pilot, and its habits."""

    temper: Temper = Temper()
    taken_wh: float = 0.0
    _s2: Lagging = field(default_factory=lambda: Lagging(False))
    _followed_a: Lagging = field(default_factory=lambda: Lagging(0.0))
    _duty: float | None = 1.0
    _asleep: bool = False
    _wakes_s: float = inf
    _tires_s: float = inf
    _rested_s: float = inf  # finite: it rests, until then
    _pulse: str = "to come"  # to come, high, low, over
    _pulse_until_s: float = inf

    def __post_init__(self) -> None:
        self._asleep = self.temper.sleeps
        if self.temper.simplified:
            self._s2 = Lagging(True)

    @property
    def state(self) -> str:
        """B, C or D: what the car's resistors say."""
        if not self._s2.value:
            return "B"
        return "D" if self.temper.ventilation else "C"

    @property
    def draws_a(self) -> float:
        """Amperes per phase as long as mains is there."""
        if not self._s2.value:
            return 0.0
        ceiling_a = SIMPLIFIED_A if self.temper.simplified else self.temper.draw_a
        obeyed_a = ceiling_a if self.temper.ignores_offer else min(ceiling_a, self._followed_a.value)
        return obeyed_a * self.temper.over_draw * self._taper()

    def change(self, temper: Temper, now_s: float) -> None:
        """The driver presses a button in the car, or the test does."""
        if temper.sleeps != self.temper.sleeps:
            self._asleep = temper.sleeps
        self.temper = temper
        self.settle(now_s)

    def see(self, duty: float | None, now_s: float) -> None:
        """The pilot now has this duty cycle; None: 0 V, cut or shorted."""
        if duty == self._duty:
            return
        self._duty = duty
        self._wakes_s = now_s + _WAKING_S.get(duty, inf)
        if duty == 0.0 and self.temper.locks_up_on_f:
            self._asleep = True
            self._wakes_s = inf
        self.settle(now_s)

    def take(self, energy_wh: float) -> None:
        self.taken_wh += energy_wh

    def settle(self, now_s: float) -> None:
        """Do what is due at `now_s`."""
        self._settle_moods(now_s)
        self._s2.settle(now_s)
        self._followed_a.settle(now_s)
        offer_a = 0.0 if self._duty is None else offer_of(self._duty)
        if offer_a:
            self._followed_a.aim(offer_a, self._follow_delay_s(), now_s)
        self._aim_s2(offer_a > 0, now_s)
        self._s2.settle(now_s)

    def due_s(self) -> float:
        """When `settle()` is needed next, if nothing happens outside."""
        moods = (self._wakes_s, self._tires_s, self._rested_s, self._pulse_until_s)
        return min(self._s2.due_s, self._followed_a.due_s, *moods)

    def room_wh(self) -> float:
        """Energy until the draw changes: the next step of the taper, or a full battery."""
        left_wh = self.temper.battery_wh - self.taken_wh
        taper_wh = self.temper.taper_wh
        if left_wh == inf or left_wh <= 0 or taper_wh <= 0:
            return left_wh
        step_wh = taper_wh / TAPER_STEPS
        if left_wh > taper_wh + NOTHING_WH:
            return left_wh - taper_wh
        return (left_wh - NOTHING_WH) % step_wh + NOTHING_WH

    def _taper(self) -> float:
        left_wh, taper_wh = self.temper.battery_wh - self.taken_wh, self.temper.taper_wh
        if left_wh == inf or taper_wh <= 0 or left_wh >= taper_wh:
            return 1.0
        steps = -int(-(left_wh - NOTHING_WH) * TAPER_STEPS // taper_wh)
        return max(steps, 1) / TAPER_STEPS

    def _follow_delay_s(self) -> float:
        return 0.0 if self._followed_a.value == 0 else min(self.temper.reaction_s, FOLLOW_WITHIN_S)

    def _settle_moods(self, now_s: float) -> None:
        if now_s >= self._wakes_s:
            self._asleep, self._wakes_s = False, inf
        if now_s >= self._tires_s:
            self._tires_s, self._rested_s = inf, now_s + self.temper.pause_for_s
        if now_s >= self._rested_s:
            self._rested_s = inf
        if now_s >= self._pulse_until_s:
            self._step_pulse(now_s)

    def _step_pulse(self, now_s: float) -> None:
        """To come -> high -> low -> over."""
        match self._pulse:
            case "to come":
                self._s2 = Lagging(True)
                self._pulse, self._pulse_until_s = "high", now_s + self.temper.pulse_s
            case "high":
                self._s2 = Lagging(False)
                self._pulse, self._pulse_until_s = "low", now_s + PULSE_PAUSE_S
            case _:
                self._pulse, self._pulse_until_s = "over", inf

    def _aim_s2(self, offered: bool, now_s: float) -> None:
        if self.temper.simplified or self._pulse_until_s < inf:
            return
        wants = self._wants(offered)
        if wants and self._pulse == "to come" and self.temper.pulse_s:
            self._step_pulse(now_s)
            return
        was = self._s2.target
        delay_s = self.temper.reaction_s if wants else min(self.temper.reaction_s, STOP_WITHIN_S)
        self._s2.aim(wants, delay_s, now_s)
        if wants and not was:
            self._tires_s = now_s + delay_s + self.temper.pause_after_s
        elif not wants:
            self._tires_s = inf

    def _wants(self, offered: bool) -> bool:
        temper = self.temper
        full = self.taken_wh >= temper.battery_wh - NOTHING_WH
        if not temper.asks_power or full or self._asleep or self._rested_s < inf:
            return False
        return offered or (temper.ignores_offer and bool(self._s2.value))


def temper_from(options: Mapping[str, Any], base: Temper = Temper()) -> Temper:
    """`base` with the options that somebody asked for by name, or a preset's.

    Raises:
        Refused: an option that no car has, or a value that makes no sense.
    """
    wanted = dict(options)
    preset = wanted.pop("preset", None)
    if preset is not None and preset not in PRESETS:
        raise Refused(f'No car is called "{preset}"; there are {", ".join(PRESETS)}.')
    wanted = PRESETS.get(preset or "", {}) | wanted
    read, mistakes = read_options(Temper, wanted, "")
    if read is None:
        raise Refused(" ".join(str(mistake) for mistake in mistakes))
    return replace(base, **{name: getattr(read, name) for name in wanted})
