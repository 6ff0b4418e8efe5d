"""The conversation with an OpenEVSE controller: what to ask or order next, and what the answers mean. No I/O.

One request is outstanding at a time; orders go ahead of questions, opening ahead of everything. What is wanted is
compared with what the controller says it does, again and again: so it does not matter whether it has restarted, lost a
request or been woken up at its own front panel.

How old a value may be: a state is asked for every 0.2 s (0.5 s while the controller sleeps) and taken when the answer
comes, some 10 ms later. A broken answer is asked for again at once, a lost one after 0.5 s: 0.75 s with one loss
(1.05 s asleep), and after three in a row the controller is lost. The controller's word that something has changed
brings the next question forward.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

from hw.api import PilotLevels, Reading, Sensors
from hw.guard.pilot import offer_of
from hw.serial import openevse, rapi
from hw.serial.ammeter import Register
from hw.serial.rapi import Answer, Notification, State

log = logging.getLogger(__name__)

ANSWER_S = 0.5  # the controllers' own figure
STATE_EVERY_S = 0.2
REST_EVERY_S = 0.5  # while it sleeps: nothing can close, and it says by itself when a car comes
METER_EVERY_S = 1.0
SETTINGS_EVERY_S = 5.0
UNFIT_EVERY_S = 10.0
RETRIES = (
    2  # at once after a broken answer; then its time-out is waited for, or somebody who babbles would keep us busy
)
AGAIN_S = 0.5  # before an order that changed nothing is given again

SUPERVISION_S, SUPERVISION_A = 30, 6
"""Silent for so long, we are dead to the controller, and it offers no more than so many amperes: its least. It has no
way to stop by itself. Values that it has already are not written to its memory again."""
PULSE_EVERY_S = 5.0
MISSED = "2"  # of SY's third word: a pulse was missed, and nobody has said so yet

NO_TEMPERATURE = -2560  # tenths of a degree
STEADY = (0.0, 1.0)  # duty cycles: state F, x1
ROUNDED_A = 0.001  # a duty cycle is rounded down to a nanosecond: up to 0.00025 A


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the guard wants of the controller."""

    duty: float = 1.0
    allowed: bool = False  # may it close its relay?

    @property
    def amps(self) -> int:
        """To offer; whole amperes, rounded down; 0 = none."""
        return 0 if self.duty in STEADY or not self.allowed else int(offer_of(self.duty) + ROUNDED_A)


@dataclass(slots=True)
class Question:
    """Something asked every so often. `take` raises ValueError or IndexError where an answer makes no sense."""

    command: str
    every_s: float
    take: Callable[[Answer, float], None]
    due_s: float = 0.0


class Dialogue:
    """Call `request` for the next bytes, `received` with what comes, and look again at `due_s`."""

    def __init__(self, where: str, phases: int = 1) -> None:
        self.where = where
        self._phases = phases
        self.wanted = Wanted()
        self.state: State | None = None
        self.levels: PilotLevels | None = None
        self.sensors = Sensors()
        self.reading: Reading | None = None
        self.silent = 0  # time-outs in a row
        self.unfit = ""  # why this controller cannot be used
        self.confirmed: Wanted | None = None  # what the controller was seen to do
        self._receiver = rapi.Receiver()
        self._register = Register()
        self._ask_state = Question("GS", STATE_EVERY_S, self._take_state)
        self._supervise = Question(f"SY {SUPERVISION_S} {SUPERVISION_A}", inf, self._take_supervision)
        self._settings = Question("GE", SETTINGS_EVERY_S, self._take_settings)
        self._greet = Question("GV", inf, self._take_version)
        self._ammeter = Question("GG", METER_EVERY_S, self._take_current)
        self._questions = (
            self._greet,
            self._supervise,
            self._settings,
            self._ask_state,
            Question("SY", PULSE_EVERY_S, self._take_pulse),
            self._ammeter,
            Question("GU", METER_EVERY_S, self._take_energy),
            Question("GP", SETTINGS_EVERY_S, self._take_temperatures),
        )
        self._told: set[str] = set()  # remarks that have been logged
        self._forget()

    def _forget(self) -> None:
        """Whatever is known of a controller that has just come, or come back."""
        self.state = self.levels = self.confirmed = None
        self.silent = 0
        self._sequence = 0
        self._broken = 0  # answers since the last good one
        self._asked: Question | None = None  # outstanding
        self._asked_s = 0.0
        self._asked_wanted = self.wanted
        self._ordered = ("", 0.0)  # the latest order, and when
        self._offered_a: int | None = None  # by its own word
        self._clamped: tuple[int, int] | None = None  # asked for, got
        self._checks_off: int | None = None
        self._counters: tuple[int, int, bool] | None = None  # of GU, until the next state confirms them
        self._amps_volts: tuple[float, float] | None = None
        self._version_known = False

    # --- the guard's side ---------------------------------------------------------------------------------------------

    def want(self, *, duty: float | None = None, allowed: bool | None = None) -> None:
        old = self.wanted
        new = Wanted(old.duty if duty is None else duty, old.allowed if allowed is None else allowed)
        if new != old:
            self.wanted = new

    @property
    def settled(self) -> bool:
        """Was the controller seen to do what is wanted now?"""
        return self.confirmed is self.wanted

    # --- the line's side ----------------------------------------------------------------------------------------------

    def opened(self, now_s: float) -> None:
        """The line is there, and nothing is known of who is at its other end."""
        self._forget()
        self._receiver = rapi.Receiver()
        self._begin(now_s)

    def _begin(self, now_s: float) -> None:
        """Ask everything, and set again what a restart has undone."""
        self.confirmed = self._offered_a = self._clamped = self._checks_off = None
        for question in self._questions:
            question.due_s = now_s

    @property
    def heard(self) -> int:
        """Bytes since the line was opened."""
        return self._receiver.heard

    @property
    def answered(self) -> bool:
        """Is somebody there who knows what he is asked?"""
        return self.state is not None and self.silent == 0 and not self.unfit

    def due_s(self, now_s: float) -> float:
        """When `request` has something to do, if nothing comes before."""
        if self._asked is not None:
            return self._asked_s + ANSWER_S
        return min(self._next().due_s, self._order()[1])

    def request(self, now_s: float) -> bytes | None:
        """The next bytes to send; None while an answer is awaited or nothing is due."""
        if self._asked is not None:
            if now_s < self._asked_s + ANSWER_S:
                return None
            self.silent += 1
            self._asked.due_s = now_s  # behind those that wait longer: one that is never answered stops no other
            self._asked = None
        order, due_s = self._order()
        if due_s <= now_s:
            self._ordered = (order, now_s)
            return self._send(Question(order, inf, self._take_order), now_s)
        question = self._next()
        return self._send(question, now_s) if question.due_s <= now_s else None

    def received(self, data: bytes, now_s: float) -> None:
        """What has come over the line."""
        garbage = self._receiver.garbage
        for message in self._receiver.feed(data):
            if isinstance(message, Answer):
                self._answered(message, now_s)
            else:
                self._notified(message, now_s)
        if self._receiver.garbage != garbage and self._asked is not None and self._broken < RETRIES:
            self._broken += 1
            self._asked.due_s = now_s  # most likely this was its answer: all of ours may be asked twice
            self._asked = None

    def _send(self, question: Question, now_s: float) -> bytes:
        self._asked, self._asked_s, self._asked_wanted = question, now_s, self.wanted
        self._sequence = rapi.after(self._sequence)
        return rapi.request(question.command, self._sequence)

    def _next(self) -> Question:
        """The question to ask next. Until the version is known there is no other."""
        return min(self._questions, key=lambda question: question.due_s) if self._version_known else self._greet

    def _answered(self, answer: Answer, now_s: float) -> None:
        question = self._asked
        if question is None or answer.sequence != self._sequence:
            return  # too late, or not meant for us
        self._asked, self.silent, self._broken = None, 0, 0
        question.due_s = now_s + question.every_s
        try:
            question.take(answer, now_s)
        except (ValueError, IndexError):
            self._remark(f"does not answer {question.command} as firmware with protocol 5 does")

    def _notified(self, notification: Notification, now_s: float) -> None:
        """A hint to look, no more: what it says comes without a number, and noise might say it too."""
        match notification.kind:
            case "AB":
                log.warning("%s: the controller has restarted", self.where)
                self._begin(now_s)
            case "AT":
                self._ask_state.due_s = self._settings.due_s = now_s

    # --- orders -------------------------------------------------------------------------------------------------------

    def _order(self) -> tuple[str, float]:
        """The next order and when it may be given; inf = the controller does what is wanted."""
        order = None if self.state is None or self.unfit else next(self._differences(self.state), None)
        if order is None:
            return "", inf
        given, given_s = self._ordered
        return order, given_s + AGAIN_S if order == given else 0.0

    def _differences(self, state: State) -> Iterator[str]:
        """What has to be ordered, one after the other."""
        wanted = self.wanted
        if state.flags & openevse.RELAY_CLOSED and not wanted.allowed:
            yield "FD"  # opens at once; FS would give the car 3 s
        elif openevse.faulty(state):
            return  # it has stopped by itself, and an order would hide why
        elif wanted.amps:
            yield from self._ways_to_offer(state, wanted.amps)
        elif wanted.duty == 0.0:
            if state.code != openevse.DISABLED:
                yield "FD"
        elif state.code != openevse.SLEEPING:
            yield "FS"

    def _ways_to_offer(self, state: State, amps: int) -> Iterator[str]:
        if self._checks_off is None:
            return  # not known yet; it is being asked
        for flag, letter in openevse.NEEDED.items():
            if self._checks_off & flag:
                yield f"FF {letter} 1"
        if self._offered_a != self._attainable(amps):
            yield f"SC {amps} V"  # V: or each change would be written to its memory
        if state.flags & openevse.BOOT_LOCK:
            yield "SB"
        if state.flags & openevse.AUTH_LOCKED:
            yield "S4 0"
        if not openevse.enabled(state):
            yield "FE"

    def _attainable(self, amps: int) -> int:
        """What the controller makes of it, as far as it has told."""
        return self._clamped[1] if self._clamped and self._clamped[0] == amps else amps

    def _take_order(self, answer: Answer, now_s: float) -> None:
        order, _ = self._ordered
        if order.startswith("SC"):
            self._take_amps(int(order.split()[1]), answer)
        elif not answer.ok or answer.words[:1] == ("1",):  # SB's way to say no
            self._remark(f"refuses {order}")
        if order.startswith("FF"):
            self._settings.due_s = now_s
        self._ask_state.due_s = now_s

    def _take_amps(self, asked_a: int, answer: Answer) -> None:
        got_a = rapi.decimal(answer.words[0])
        self._offered_a = got_a
        self._clamped = (asked_a, got_a) if got_a < asked_a else None
        if self._clamped:
            self._remark(f"gives {got_a} A instead of {asked_a} A: its own maximum, or it is too hot")

    # --- answers ------------------------------------------------------------------------------------------------------

    def _take_version(self, answer: Answer, now_s: float) -> None:
        firmware, protocol = answer.words
        self._version_known = True
        self.unfit = ""
        if not openevse.protocol_fits(protocol):
            self._greet.due_s = now_s + UNFIT_EVERY_S  # somebody may replace it
            self.unfit = f"firmware {firmware} speaks RAPI {protocol}, this driver needs 5 or newer"

    def _take_state(self, answer: Answer, now_s: float) -> None:
        state = rapi.state(answer.words)
        if not openevse.enabled(state):
            self._ask_state.due_s = now_s + REST_EVERY_S
        before = self.sensors.reported_faults
        self.state = state
        self.levels = openevse.levels(state, now_s)
        self._sense(openevse.faults(state, before), self.sensors)
        self._count(state, now_s)
        if next(self._differences(state), None) is None:
            self.confirmed = self._asked_wanted

    def _sense(self, reported: tuple[str, ...], board: Sensors) -> None:
        if self.state is not None:
            sensors = openevse.sensors(self.state, self._checks_off, reported, board)
            if sensors != self.sensors:
                self.sensors = sensors

    def _take_settings(self, answer: Answer, now_s: float) -> None:
        amps, flags = rapi.decimal(answer.words[0]), rapi.hexadecimal(answer.words[1], 4)
        self._offered_a, self._checks_off = amps, flags
        off = [name for flag, name in openevse.CHECKS.items() if flags & flag]
        if off:
            self._remark(f"has these protective functions switched off: {', '.join(off)}")

    def _take_supervision(self, answer: Answer, now_s: float) -> None:
        if not answer.words:
            self._remark("has no supervision: if this computer dies, a car goes on with what it has been offered")

    def _take_pulse(self, answer: Answer, now_s: float) -> None:
        if answer.words[2:3] == (MISSED,):
            self._supervise.due_s = now_s  # anew; SY 165 would first raise the offer to the controller's maximum
            self._settings.due_s = now_s  # and it has lowered the offer

    def _take_temperatures(self, answer: Answer, now_s: float) -> None:
        degrees = [tenths / 10 for word in answer.words if (tenths := rapi.decimal(word)) != NO_TEMPERATURE]
        hottest = max((degc for degc in degrees if -50.0 < degc < 150.0), default=None)
        self._sense(self.sensors.reported_faults, replace(self.sensors, temperature_degc=hottest))

    # --- its ammeter --------------------------------------------------------------------------------------------------

    def _take_current(self, answer: Answer, now_s: float) -> None:
        milliamps, millivolts = (rapi.decimal(word) for word in answer.words)
        if not answer.ok or milliamps < 0:
            self._amps_volts = None
            return
        self._amps_volts = (milliamps / 1000, millivolts / 1000)
        board = replace(self.sensors, current_a=(milliamps / 1000,), current_taken_s=now_s)
        self._sense(self.sensors.reported_faults, board)

    def _take_energy(self, answer: Answer, now_s: float) -> None:
        session_ws, life_wh = (rapi.decimal(word) for word in answer.words)
        connected = bool(self.state and self.state.flags & openevse.EV_CONNECTED)
        self._counters = (session_ws, life_wh, connected)
        self._ask_state.due_s = now_s

    def _count(self, state: State, now_s: float) -> None:
        """The counters of the answer before, if a car was there, or was not, both before and after it."""
        if self._counters is None:
            return
        session_ws, life_wh, connected = self._counters
        self._counters = None
        if connected != bool(state.flags & openevse.EV_CONNECTED):
            return
        if self._register.take(session_ws, life_wh, connected, now_s) and self._register.energy_wh is not None:
            self.reading = self._read(self._register.energy_wh, now_s)

    def _read(self, energy_wh: float, now_s: float) -> Reading:
        """It measures one phase's current. Its voltage is most often a constant: good for a power, not as a voltage."""
        if self._amps_volts is None:
            return Reading(energy_wh, taken_s=now_s)
        amps, volts = self._amps_volts
        power_w = amps * volts if self._phases == 1 and volts > 0 else None
        return Reading(energy_wh, power_w, (amps,), taken_s=now_s)

    def _remark(self, what: str) -> None:
        """A line in the log, once."""
        if what not in self._told:
            self._told.add(what)
            log.warning("%s: the controller %s", self.where, what)
