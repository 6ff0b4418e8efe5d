"""The guard as a whole: every EVSE's outlet, the orders that come in and the answers that go out. No I/O of its own.

Whoever owns it calls `tick()` with the time and carries the messages: the process's loop, or a test in virtual time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from hw.api import Command, Heartbeat, Permit, Report, Result
from hw.errors import DeviceLost
from hw.guard.hardware import Hardware
from hw.guard.lease import Stage
from hw.guard.outlet import Outlet
from hw.guard.steps import LONGEST_S, MOST, parse

ORDER_WITHIN_S = 2.5  # a daemon waits 3 s for the result of a command, but for a self-test longer


@dataclass(slots=True)
class Order:
    """A command that takes a while."""

    command: Command
    sender: str
    outlet: Outlet
    done: Callable[[Outlet], Result | None]  # its outcome, as soon as there is one
    failure: str  # what to say when there is none in time
    until_s: float


class Guard:
    def __init__(
        self,
        hardware: Iterable[Hardware],
        epoch: int,
        now_s: float,
        latched: Mapping[int, Iterable[str]] | None = None,
    ) -> None:
        """`latched`: the faults that stood when the last guard ended, by EVSE."""
        latched, hardware = latched or {}, list(hardware)
        self.epoch = epoch
        self.outlets = {h.spec.evse: Outlet(h, epoch, now_s, latched.get(h.spec.evse, ())) for h in hardware}
        self._hearts = _hearts(self.outlets.values())
        self._ticks = tuple(outlet.tick for outlet in self.outlets.values())
        self.alert = True  # something is under way, or a contactor closed, so that every 10 ms count
        self.ignored = 0  # permits that were stale, misdirected or meant for another run
        self._orders: list[Order] = []
        self._results: list[tuple[str, Result]] = []

    # --- time ---------------------------------------------------------------------------------------------------------

    def tick(self, now_s: float) -> bool:
        """Every 10 ms. Returns whether there may be something to tell: reports, results, latches."""
        news = False
        for tick in self._ticks:
            if tick(now_s):
                news = True
        if self._orders:
            self._orders = [order for order in self._orders if not self._finished(order, now_s)]
        if news:
            self.alert = self.busy or not self.all_open
        return news or bool(self._results)

    def beat(self) -> None:
        """Every driver that has to, hears that the guard is well. Call it after every tick that came in time.

        Not one of an EVSE whose contactor does not open: the relay of a watchdog is the second way to open it.
        """
        for heart, outlets in self._hearts:
            if all(outlet.opens for outlet in outlets):
                with suppress(DeviceLost):  # its relay opens by itself, and the mirror contact will tell
                    heart.beat()

    def reports(self, now_s: float) -> list[Report]:
        """What has to be told now."""
        reports = (outlet.report(now_s) for outlet in self.outlets.values())
        return [report for report in reports if report is not None]

    def take_results(self) -> list[tuple[str, Result]]:
        """(who asked, outcome) of the orders that have come to an end."""
        results, self._results = self._results, []
        return results

    @property
    def busy(self) -> bool:
        """Is something under way, so that the next tick has to come in 10 ms?"""
        return bool(self._orders) or any(outlet.busy for outlet in self.outlets.values())

    # --- orders -------------------------------------------------------------------------------------------------------

    def permit(self, permit: Permit, now_s: float) -> str:
        """Renew a lease; why the permit is ignored, or ""."""
        outlet = self.outlets.get(permit.evse)
        why = "there is no such EVSE" if outlet is None else outlet.permit(permit, now_s)
        self.alert = self.alert or self.busy
        self.ignored += bool(why)
        return why

    def command(self, command: Command, sender: str, now_s: float) -> None:
        """Carry out an order; its result comes by `take_results`."""
        outlet = self.outlets.get(command.evse)
        carry_out = _ORDERS.get(command.name)
        if outlet is None:
            self._answer(sender, Result(command.number, False, "there is no such EVSE"))
        elif carry_out is None:
            self._answer(sender, Result(command.number, False, f'this guard does not know how to "{command.name}"'))
        else:
            self.alert = True
            carry_out(self, command, sender, outlet, now_s)
            outlet.nudge()

    def stop(self, now_s: float) -> None:
        """Withdraw every offer, then open."""
        for outlet in self.outlets.values():
            outlet.rules.stop(now_s)

    def latched(self) -> dict[int, list[str]]:
        """What must survive a restart."""
        return {n: sorted(o.rules.book.latched) for n, o in self.outlets.items() if o.rules.book.latched}

    @property
    def all_open(self) -> bool:
        return not any(outlet.rules.contactor.closed for outlet in self.outlets.values())

    def lease_over(self, now_s: float) -> bool:
        """Has nobody permitted anything for so long that every offer is withdrawn, and is everything open?"""
        ended = all(outlet.lease.stage(now_s) is Stage.ENDED for outlet in self.outlets.values())
        return ended and self.all_open

    def late(self, often: bool, now_s: float) -> None:
        """The loop keeps, or does not keep, its time."""
        for outlet in self.outlets.values():
            outlet.rules.late(often, now_s)

    def _answer(self, sender: str, result: Result) -> None:
        self._results.append((sender, result))

    def _finished(self, order: Order, now_s: float) -> bool:
        result = order.done(order.outlet)
        if result is None and now_s >= order.until_s:
            result = Result(order.command.number, False, order.failure)
        if result is not None:
            self._answer(order.sender, result)
        return result is not None

    def _unlock(self, command: Command, sender: str, outlet: Outlet, now_s: float) -> None:
        why = outlet.rules.release_cable()
        if why:
            self._answer(sender, Result(command.number, False, why))
            return

        def done(outlet: Outlet) -> Result | None:
            released = outlet.rules.bolt.wanted is False and outlet.rules.bolt.locked is False
            return Result(command.number, True) if released else None

        failure = "the lock does not let go"
        self._orders.append(Order(command, sender, outlet, done, failure, now_s + ORDER_WITHIN_S))

    def _clear_fault(self, command: Command, sender: str, outlet: Outlet, now_s: float) -> None:
        why = outlet.rules.clear(command.argument or "", now_s)
        self._answer(sender, Result(command.number, not why, why))

    def _self_test(self, command: Command, sender: str, outlet: Outlet, now_s: float) -> None:
        if outlet.rules.contactor.closed:
            self._answer(sender, Result(command.number, False, "the contactor is closed"))
            return
        if not outlet.rules.selftest.fitted:
            self._answer(sender, Result(command.number, True, data={"fitted": "no"}))
            return
        if not outlet.rules.selftest.running:  # the outcome of one that runs is as good
            outlet.rules.selftest.ask()

        def done(outlet: Outlet) -> Result | None:
            test = outlet.rules.selftest
            if test.failed and not test.running and not test.due:
                return Result(command.number, False, "the self-test failed")
            return Result(command.number, True) if test.passed else None

        failure = "the self-test did not end"
        until_s = now_s + ORDER_WITHIN_S + outlet.hardware.spec.selftest_s
        self._orders.append(Order(command, sender, outlet, done, failure, until_s))

    def _wake(self, command: Command, sender: str, outlet: Outlet, now_s: float) -> None:
        self._show_steps(command, sender, outlet, outlet.rules.wake(now_s), now_s)

    def _steps(self, command: Command, sender: str, outlet: Outlet, now_s: float) -> None:
        try:
            why = outlet.rules.begin_steps(parse(command.argument or ""), now_s)
        except ValueError as error:
            why = str(error)
        self._show_steps(command, sender, outlet, why, now_s)

    def _show_steps(self, command: Command, sender: str, outlet: Outlet, why: str, now_s: float) -> None:
        """Answered when the last step has ended: whoever orders it must have that much patience."""
        if why:
            self._answer(sender, Result(command.number, False, why))
            return

        def done(outlet: Outlet) -> Result | None:
            outcome = outlet.rules.steps.outcome
            return None if outcome is None else Result(command.number, not outcome, outcome)

        until_s = now_s + MOST * LONGEST_S
        self._orders.append(Order(command, sender, outlet, done, "the sequence did not end", until_s))

    def _proving_click(self, command: Command, sender: str, outlet: Outlet, now_s: float) -> None:
        why = outlet.rules.prove(outlet.lease.allowance(now_s), now_s)
        if why:
            self._answer(sender, Result(command.number, False, why))
            return

        def done(outlet: Outlet) -> Result | None:
            click = outlet.rules.click
            return None if click.running else Result(command.number, not click.failure, click.failure, click.told())

        failure = "the click did not end"
        self._orders.append(Order(command, sender, outlet, done, failure, now_s + ORDER_WITHIN_S))


def _hearts(outlets: Iterable[Outlet]) -> tuple[tuple[Heartbeat, tuple[Outlet, ...]], ...]:
    """Each driver that has to hear that the guard is well, and the outlets that it serves."""
    served: dict[int, tuple[Heartbeat, tuple[Outlet, ...]]] = {}
    for outlet in outlets:
        for heart in outlet.hardware.hearts:
            served[id(heart)] = heart, (*served.get(id(heart), (heart, ()))[1], outlet)
    return tuple(served.values())


_ORDERS: dict[str, Callable[[Guard, Command, str, Outlet, float], None]] = {
    "unlock": Guard._unlock,
    "clear_fault": Guard._clear_fault,
    "self_test": Guard._self_test,
    "wake": Guard._wake,
    "steps": Guard._steps,
    "proving_click": Guard._proving_click,
}
