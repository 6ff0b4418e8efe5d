"""A StopTransaction that nobody answered, then kill -9: how long after the station is back it is told again.

Back is when its boot is accepted, or, for a station that tells a crash of its program from a reboot and sends no boot
message then, when its link is open.
"""

from __future__ import annotations

import time

from bench.calls import begin, insist
from bench.kit import Kit, up
from bench.results import Measured
from bench.stations import BOOT_S, Bare, Ours, link, within

VERSION = "1.6"
STOP = "StopTransaction"


async def measure(kit: Kit) -> list[Measured]:
    await kit.know_the_machine()
    bare, ours = await kit.in_turn(lambda: _bare(kit), lambda: _ours(kit))
    return [Measured("redelivery", ours, bare)]


async def _bare(kit: Kit) -> float:
    bare = kit.bare(VERSION)
    bare.options = ("--journal", str(bare.folder / "stops.db"))
    async with up(bare):
        return await _told_again_after_s(bare)


async def _ours(kit: Kit) -> float:
    ours = kit.ours(VERSION)
    async with up(ours):
        await ours.simulator.plug(1)
        return await _told_again_after_s(ours)


async def _told_again_after_s(contestant: Bare | Ours) -> float:
    office, identity = contestant.office, contestant.identity
    number = await begin(contestant)
    await _stop_unanswered(contestant, number)
    contestant.kill()
    del office.links[identity]
    again = office.expect(identity, STOP, lambda p: p["transactionId"] == number)
    killed_s = time.perf_counter()
    contestant.start()
    told = await within(again, BOOT_S, f"{STOP} again", contestant)
    accepted_s = office.accepted_s[identity]
    return told.at_s - (accepted_s if accepted_s > killed_s else link(contestant).opened_s)


async def _stop_unanswered(contestant: Bare | Ours, number: int) -> None:
    office, identity = contestant.office, contestant.identity
    office.mute.add((identity, STOP))
    heard = office.expect(identity, STOP)
    await insist(contestant, "RemoteStopTransaction", {"transactionId": number})
    await within(heard, BOOT_S, STOP, contestant)
    office.mute.remove((identity, STOP))
