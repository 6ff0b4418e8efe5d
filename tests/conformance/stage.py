"""The stage of the certification cases: the whole station in virtual time, and a strict transcript of what it says.

A case's test sets up a station that meets the case's condition, does what the case does, and says what the back office
must be told: in this order, with these fields, and nothing else (heartbeats and security events aside).

    @pytest.mark.case("TC_010_CS")
    async def test_tc_010_remote_start_with_the_cable_plugged_in_first(stage: MakeStage) -> None:
        async with stage(settings={"AuthorizeRemoteTxRequests": "true"}) as s:
            await s.plug()
            await s.expect(status(1, "Preparing"))
            await s.asks("RemoteStartTransaction", connectorId=1, idTag="TAG1")
            await s.expect(
                answers("RemoteStartTransaction", status="Accepted"),
                authorize("TAG1"),
                start("TAG1"),
                status(1, "Charging"),
            )
            assert s.closed()

`stage(...)` takes what tests.world.a_config takes (`evses=2`, `outlet="socket"` or `"cable"`, `settings={...}`), and
`boot=False` for a test that switches on by itself, `before=` for a back office that is special from the beginning.
Everything of `World` is there too: `plug`, `unplug`, `card`, `fault`, `wait`, `power_cut`, `link.cut`, `csms.tokens`
(what the back office says to a tag), `csms.groups` (its parent), `csms.mute`, `given` (a setting). `expect` waits until
as much was said as is expected, then a little longer for what must not come. Its words are in `transcript.py`, and in
the `words.py` of each version. Every frame is checked against the standard's schemas by the way, and against what holds
for all of them (`wire.py`).

A case that needs sockets, TLS or real time stands in a folder named `process` (tests/conformance/v16/process), where
tests run on a real loop. Sampled meter values are off unless a test asks for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chargepoint.core.settingsfile import check_file
from tests.conformance.transcript import REQUEST, Expected, Maybe, Said, Transcript
from tests.world import World, a_config

HEARTBEAT, SECURITY = "Heartbeat", "SecurityEventNotification"
"""What may be said at any time. Security events follow from what a case does, and only some cases are about them."""

USUAL_SETTINGS = {"MeterValueSampleInterval": "0"}


@dataclass
class Stage(World):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.transcript = Transcript(self.version)
        self.csms.csms.listener = self._listen

    def _listen(self, sender: str, frame: Any) -> None:
        if sender == "link":
            self.transcript.wire.connected()
            return
        self.transcript.heard(sender, frame, asyncio.get_running_loop().time())

    # --- what happens -------------------------------------------------------------------------------------------------

    async def asks(self, action: str, **payload: Any) -> dict[str, Any]:
        """The back office asks; the answer, or the code and description of an error. Both are in the transcript."""
        frame = await self.csms.csms.call(action, payload)
        return {"code": frame[2], "description": frame[3]} if frame[0] == 4 else frame[2]

    async def comes_back(self, within_s: float = 60.0) -> None:
        """The program ends by itself, and the service manager starts it again."""
        await self.until(lambda: self.ending is not None, within_s)
        assert self.ending is not None
        assert self.ending.restart, "the program ended for good"
        self.ending = None
        await self.start_program()

    # --- what must be said --------------------------------------------------------------------------------------------

    async def expect(self, *expected: Expected, within_s: float = 30.0, quiet_s: float = 3.0,
                     heartbeats: bool = False, security: bool = False) -> list[Said]:  # fmt: skip
        """Exactly this is said, from the last comparison until `quiet_s` after all of it has come.

        Returns what was said, for a closer look. `heartbeats`, `security` events: they count too.
        """
        without = tuple(name for name, counts in ((HEARTBEAT, heartbeats), (SECURITY, security)) if not counts)
        await self._heard(sum(not isinstance(each, Maybe) for each in _flat(expected)), without, within_s)
        await self.wait(quiet_s)
        assert self.transcript.complaints == []
        difference = self.transcript.difference(expected, without)
        assert not difference, difference
        said = self.transcript.new(without)
        self.transcript.skip()
        return said

    async def silence(self, seconds: float = 0.0, *, minutes: float = 0.0) -> None:
        """Nothing is said for that long."""
        await self.expect(quiet_s=seconds + 60 * minutes)

    async def _heard(self, count: int, without: tuple[str, ...], within_s: float) -> None:
        deadline_s = asyncio.get_running_loop().time() + within_s
        while len(self.transcript.new(without)) < count and asyncio.get_running_loop().time() < deadline_s:
            await self.wait(0.1)

    def last(self, action: str) -> Said:
        """The latest request of that name."""
        return next(said for said in reversed(self.transcript.said) if (said.kind, said.action) == (REQUEST, action))


def _flat(expected: tuple[Expected, ...]) -> list[Any]:
    return [member for each in expected for member in getattr(each, "members", (each,))]


MakeStage = Callable[..., AbstractAsyncContextManager[Stage]]


@asynccontextmanager
async def a_stage(version: str, state: Path, *, boot: bool = True, settings: dict[str, str] | None = None,
                  before: Callable[[Stage], Awaitable[None] | None] | None = None,
                  **config: Any) -> AsyncIterator[Stage]:  # fmt: skip
    """A station that is on, accepted and idle; what it said until then is not compared any more."""
    wanted, mistakes = check_file({**USUAL_SETTINGS, **(settings or {})})
    assert mistakes == []
    stage = Stage(a_config(version, settings=wanted, **config), state, version)
    stage.link.accepts = (f"ocpp{version}",)
    if before is not None:
        before(stage)
    try:
        if boot:
            await stage.switch_on()
            stage.transcript.skip()
        yield stage
        assert stage.transcript.complaints == []
    finally:
        await stage.switch_off()
