"""Keeps the broker told of the station, and the station of commands.

Of every topic only the latest value waits: a broker that is slow, or away for a week, costs no memory. While there is
none, nothing is even looked at.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from chargepoint.logfields import about
from chargepoint.mqtt.commands import Order, Orders, Refused, order
from chargepoint.mqtt.line import BrokerLost, Connect, Line, Message
from chargepoint.mqtt.pace import Bucket, Complaints, Flood
from chargepoint.mqtt.states import evse_state, station_state, steady
from chargepoint.mqtt.topics import OFFLINE, ONLINE, Topics
from chargepoint.supervise import STABLE_S, supervised
from chargepoint.tasks.waiting import within
from chargepoint.web.status import document

if TYPE_CHECKING:
    from chargepoint.web.controls import Controls

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often the station is compared with what was said; facts make that sooner."""

TOGETHER_S = 0.1
"""Facts come in bursts: what follows them is said once."""

FLOW_S, RESTING_FLOW_S = 5.0, 30.0
"""Pace of values that never rest, such as power and volts: with a session, and without."""

BIRTH_S = 3.0
"""Home Assistant comes back to many devices at once: each waits a random while, at most this long."""

FAREWELL_S = 1.0


def waits_s() -> Iterator[float]:
    """2, 4, 8 ... 60, 60, ..., each more or less a quarter: many stations lose their broker together."""
    wait_s = 2.0
    while True:
        yield wait_s * random.uniform(0.75, 1.25)
        wait_s = min(wait_s * 2, 60.0)


@dataclass(slots=True, eq=False)
class Bridge:
    controls: Controls
    topics: Topics
    orders: Orders
    announcement: Callable[[], Mapping[str, Any] | None]  # for Home Assistant
    control: bool = False
    _wanted: dict[str, bytes] = field(default_factory=dict)
    _said: dict[str, bytes] = field(default_factory=dict)
    _states: dict[int, tuple[dict[str, Any], float]] = field(default_factory=dict)  # EVSE: steady part, when said
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _bucket: Bucket = field(default_factory=Bucket)
    _complaints: Complaints = field(default_factory=Complaints)
    _flood: Flood = field(default_factory=Flood)
    _anew: asyncio.TimerHandle | None = None
    _since_s: float = float("-inf")  # when the latest link came about
    _worth_telling: bool = True  # that there is a link (again)
    _fault: str = ""  # why the latest one ended

    async def run(self, connect: Connect) -> None:
        """For ever."""
        self.controls.subscribe(lambda record: self._changed.set())
        await supervised("MQTT broker", partial(self._connected, connect), delays_s=waits_s, lost=self._lost)

    def _lost(self, fault: Exception) -> None:
        """A link that comes and goes is told of when it first goes: that it came back then goes without saying."""
        self.controls.tally.broker = False
        lasted_s = asyncio.get_running_loop().time() - self._since_s
        self._worth_telling = self._worth_telling or lasted_s > STABLE_S or str(fault) != self._fault
        self._fault = str(fault)

    async def _connected(self, connect: Connect) -> None:
        """One connection. Raises BrokerLost."""
        try:
            async with connect() as line:
                await self._serve(line)
        except* BrokerLost as lost:
            raise _first(lost) from None

    async def _serve(self, line: Line) -> None:
        self._forget()
        await line.subscribe(self._subscriptions())
        self.controls.tally.broker, self._since_s = True, asyncio.get_running_loop().time()
        if self._worth_telling:
            self._worth_telling = False
            log.info("connected to the MQTT broker", extra=about(driver="MQTT broker"))
        try:
            async with asyncio.TaskGroup() as tasks:
                for job in (self._look, partial(self._write, line), partial(self._read, line)):
                    tasks.create_task(job())
        except asyncio.CancelledError:
            await self._say_farewell(line)
            raise
        finally:
            if self._anew is not None:
                self._anew.cancel()
                self._anew = None

    async def _say_farewell(self, line: Line) -> None:
        """The program ends: the broker need not find out by itself."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                await line.publish(self.topics.availability, OFFLINE.encode())
        except (TimeoutError, BrokerLost):
            return

    def _subscriptions(self) -> list[str]:
        birth = [self.topics.birth] if self.topics.discovery_prefix else []
        return birth + (self.topics.commands if self.control else [])

    # --- out ----------------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Whoever listens has heard nothing of us yet."""
        self._wanted.clear()
        self._said.clear()
        self._states.clear()
        self._changed.set()

    async def _look(self) -> None:
        while True:
            self._refresh(asyncio.get_running_loop().time())
            self._changed.clear()
            await within(self._changed, LOOK_S)
            await asyncio.sleep(TOGETHER_S)

    def _refresh(self, now_s: float) -> None:
        status = document(self.controls)
        announcement = self.announcement()
        if announcement is not None:
            self._want(self.topics.discovery, announcement)
        self._want(self.topics.station, station_state(status))
        for evse in status["evses"]:
            self._refresh_evse(evse, now_s)
        self._wanted[self.topics.availability] = ONLINE.encode()
        self._news.set()

    def _refresh_evse(self, evse: Mapping[str, Any], now_s: float) -> None:
        number, place = evse["id"], self.controls.station.evses[evse["id"]]
        state = evse_state(
            evse, local_a=place.local_a, set_a=self.orders.limit_of(number), available=place.operative
        )  # fmt: skip
        before, said_s = self._states.get(number, ({}, 0.0))
        pace_s = FLOW_S if evse["session"] else RESTING_FLOW_S
        if steady(state) != before or now_s - said_s >= pace_s:
            self._states[number] = steady(state), now_s
            self._want(self.topics.evse(number), state)

    def _want(self, topic: str, content: Mapping[str, Any]) -> None:
        self._wanted[topic] = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()

    async def _write(self, line: Line) -> None:
        while True:
            self._news.clear()
            for topic in [topic for topic, payload in self._wanted.items() if self._said.get(topic) != payload]:
                payload = self._wanted[topic]
                await line.publish(topic, payload)
                self._said[topic] = payload
            await self._news.wait()

    # --- in -----------------------------------------------------------------------------------------------------------

    async def _read(self, line: Line) -> None:
        loop = asyncio.get_running_loop()
        async for message in line.messages():
            if self._bucket.takes(loop.time()):
                await self._take(message)
                continue
            self._complain("too many commands at once; the latest are refused")
            if self._flood.rises(loop.time()):
                raise BrokerLost(
                    "it floods the station with commands",
                    where="[mqtt]",
                    fix="Find out which program at the broker sends them.",
                )

    async def _take(self, message: Message) -> None:
        if self.topics.discovery_prefix and message.topic == self.topics.birth:
            if message.payload == ONLINE.encode() and not message.retained:
                self._announce_soon()
            return
        try:
            asked = order(self.topics.root, message.topic, message.payload, retained=message.retained)
            await self.orders.carry_out(asked)
        except Refused as why:
            self._complain(f"refused: {message.topic[:100]!r}: {why}")
        else:
            self._told(asked)
        self._changed.set()

    def _told(self, asked: Order) -> None:
        value = "" if asked.name in ("start", "stop", "unlock", "skip-delay") else f" {asked.value}"
        log.info("evse=%d by MQTT: %s%s", asked.evse, asked.name, value, extra=about(evse=asked.evse))

    def _complain(self, words: str) -> None:
        if line := self._complaints.line(words, asyncio.get_running_loop().time()):
            log.warning("MQTT: %s", line)

    def _announce_soon(self) -> None:
        if self._anew is None:
            self._anew = asyncio.get_running_loop().call_later(random.uniform(0.0, BIRTH_S), self._announce_again)

    def _announce_again(self) -> None:
        self._anew = None
        self._said.clear()
        self._news.set()


def _first(group: BaseExceptionGroup[BrokerLost]) -> BrokerLost:
    """Of several that tell the same."""
    for each in group.exceptions:
        return _first(each) if isinstance(each, BaseExceptionGroup) else each
    raise group
