"""`chargepoint demo`: a whole charging session, played by the real program, told as it happens, and billed."""

from __future__ import annotations

import asyncio
import io
import math
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from chargepoint.demo.bills import Bill
from chargepoint.demo.credentials import IDENTITY
from chargepoint.demo.narrator import Narrator, invoice
from chargepoint.demo.panel import Refused
from chargepoint.demo.plant import Spoilt
from chargepoint.demo.stage import Stage
from chargepoint.demo.words import energy

CARD = "04A1B2C3D4E5F6"
CUSTOMERS = {CARD: "Ada"}

CHARGE_S = 8.0  # of charging in the demo: 11 kW make about 3 Wh a second
CUT_S = 5.0  # of charging without a line, where asked for

PROFILES = (
    "nobody proves anything",
    "the charge point shows a password",
    "the link is encrypted; the back office shows a certificate, the charge point a password",
    "the link is encrypted; both show certificates",
)

AS_BILLED: Mapping[str, Callable[[float], float]] = {"1.6": math.floor, "2.0.1": float}
"""What a version's messages make of a register in Wh: 1.6 sends whole ones, rounded down."""

TOLERANCE_WH = 0.01  # messages carry registers with two decimals or more


class Options(Protocol):
    version: str  # "1.6", "2.0.1"
    profile: int  # security profile, 0 to 3
    offline: bool
    keep_running: bool


def main(options: Options) -> int:
    """Exit status: 0 when the session was billed rightly, 1 when not, 130 when interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # told as it happens, into a pipe as well
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` has it ignored
    try:
        return asyncio.run(_play_interruptibly(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nInterrupted; everything the demo had started is stopped.")
        return 130


async def _play_interruptibly(options: Options) -> int:
    task = asyncio.current_task()
    if task is not None:  # SIGTERM puts things away as Ctrl-C does
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await play(options)


async def play(options: Options) -> int:
    print(f"A charge point and its back office, OCPP {options.version}, on this machine only.")
    print(f"Security profile {options.profile}: {PROFILES[options.profile]}.")
    stage = Stage(options.version, CUSTOMERS, options.profile)
    async with stage:
        try:
            await _session(stage, options)
        except (Spoilt, Refused, OSError) as reason:
            print(f"\nThe demo failed: {reason}.\n{stage.plant.last_words()}")
            return 1
        if options.keep_running:
            await _keep_running(stage)
    return 0


async def _session(stage: Stage, options: Options) -> None:
    narrator = Narrator(CUSTOMERS, datetime.now(UTC))
    stage.office.listen(lambda frame: print(narrator.tell(frame)))
    await _open(stage)
    before_wh = await _register(stage)
    await _begin(stage)
    await (_end_offline if options.offline else _end)(stage)
    bill = await stage.plant.until(lambda: _bill(stage), "the back office did not get to know the end", 40)
    after_wh = await _settled_register(stage, bill)
    _present(bill, before_wh, after_wh, AS_BILLED[options.version])


# --- scenes -----------------------------------------------------------------------------------------------------------


def _scene(text: str) -> None:
    print(f"\n--- {text}")


async def _open(stage: Stage) -> None:
    _scene("The charge point starts: daemon, guard and simulated hardware, each a process")
    await stage.plant.start()
    await stage.plant.until(lambda: _welcomed(stage), "the back office did not hear of the charge point", 20)
    if stage.office.secured:
        print(f"    link: {stage.office.secured}")
    await stage.plant.open_panel(timeout_s=20)
    await stage.plant.until(lambda: _when(stage, status="available"), "the EVSE did not become available", 20)
    print(f"    page: {stage.plant.panel.page}")


async def _begin(stage: Stage) -> None:
    _scene("Ada plugs in her car: 32 A cable, draws 16 A on three phases")
    await stage.plant.panel.plug(cable_a=32, draw_a=16, phases=3)
    await stage.plant.until(lambda: _when(stage, status="preparing"), "the EVSE did not notice the car", 10)
    _scene("Ada holds her card to the reader")
    await stage.plant.panel.card(CARD)
    await stage.plant.until(lambda: _when(stage, status="charging"), "the car did not begin to charge", 20)
    _scene("The guard has closed the contactor; the car charges")


async def _end(stage: Stage) -> None:
    await _charge(stage, CHARGE_S)
    _scene("Ada holds her card to the reader again, to stop")
    await stage.plant.panel.card(CARD)
    await stage.plant.until(lambda: _when(stage, contactor="open"), "the contactor did not open", 20)
    await _unplug(stage)


async def _end_offline(stage: Stage) -> None:
    await _charge(stage, CHARGE_S - CUT_S)
    _scene("The line to the back office is cut")
    await stage.plant.panel.link(up=False)
    await _charge(stage, CUT_S)
    await _unplug(stage)
    waiting = (await stage.plant.panel.status())["csms"]["undelivered"]
    _scene(f"The line comes back; {waiting} messages wait in the journal")
    await stage.plant.panel.link(up=True)


async def _charge(stage: Stage, seconds: float) -> None:
    """Charge for that long, and show that the register moved."""
    before_wh = await _register(stage)
    await asyncio.sleep(seconds)
    evse = await stage.plant.panel.evse()
    after_wh = float(evse["reading"]["energy_wh"])
    if evse["status"] != "charging" or after_wh <= before_wh:
        raise Spoilt(
            f"charging did not go on: the EVSE is {evse['status']}, the register moved "
            f"from {energy(before_wh)} to {energy(after_wh)}"
        )
    print(
        f"    charging goes on: {energy(after_wh - before_wh)} in {seconds:.0f} s, the permit is "
        f"{evse['permit_a']:.0f} A, the contactor {evse['contactor']}"
    )
    if evse["price"] and evse["price"]["cost"]:
        print(f"    the page shows: {evse['price']['words']}; {evse['price']['cost']} so far")


async def _unplug(stage: Stage) -> None:
    _scene("Ada unplugs and drives off")
    await stage.plant.panel.unplug()
    await stage.plant.until(lambda: _when(stage, status="available"), "the EVSE did not become available again", 20)


def _present(bill: Bill, before_wh: float, after_wh: float, as_billed: Callable[[float], float]) -> None:
    _scene("The bill, from nothing but the messages the back office received")
    print(invoice(bill, CUSTOMERS))
    metered_wh = as_billed(after_wh) - as_billed(before_wh)
    if bill.energy_wh <= 0 or abs(bill.energy_wh - metered_wh) > TOLERANCE_WH:
        raise Spoilt(f"the bill says {energy(bill.energy_wh)}, the meter's register moved by {energy(metered_wh)}")
    print(f"\nThe meter's own register moved by {energy(metered_wh)}: the bill is right.")


async def _keep_running(stage: Stage) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    print(f"\nThe charge point goes on. Its page: {stage.plant.panel.page}   Ctrl-C ends it.")
    await stop.wait()


# --- what to look for -------------------------------------------------------------------------------------------------


async def _welcomed(stage: Stage) -> bool | None:
    return stage.office.accepted(IDENTITY) or None


async def _when(stage: Stage, **wanted: Any) -> dict[str, Any] | None:
    evse = await stage.plant.panel.evse()
    return evse if all(evse[name] == value for name, value in wanted.items()) else None


async def _bill(stage: Stage) -> Bill | None:
    return next(iter(stage.office.bills()), None)


async def _register(stage: Stage) -> float:
    evse = await stage.plant.until(lambda: _read(stage), "the meter was not read", 10)
    return float(evse["reading"]["energy_wh"])


async def _read(stage: Stage) -> dict[str, Any] | None:
    evse = await stage.plant.panel.evse()
    return evse if evse["reading"] else None


async def _settled_register(stage: Stage, bill: Bill) -> float:
    """The register read after the transaction has ended, when nothing can move it any more."""
    evse = await stage.plant.until(lambda: _read_after(stage, bill.ended_at), "the meter was not read again", 10)
    return float(evse["reading"]["energy_wh"])


async def _read_after(stage: Stage, at: datetime) -> dict[str, Any] | None:
    evse = await _read(stage)
    return evse if evse and datetime.fromisoformat(evse["reading"]["at"]) > at else None
