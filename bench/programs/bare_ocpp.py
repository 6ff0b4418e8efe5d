"""The smallest useful charge point on PyPI `ocpp` + `websockets`: what stands beside our figures.

    python bench/programs/bare_ocpp.py URL IDENTITY 1.6|2.0.1 [--journal FILE] [--backlog N] [--pins FILE]

No guard, no hardware, no page. With --journal, a StopTransaction is in an SQLite file before it is sent and is sent
again after the next boot if it was not answered. With --backlog, N StopTransactions are sent one after the other.
With --pins, it watches a pilot and follows it with a contactor. The anchors of `budgets.toml` were measured without
these three: what they need is imported when they are asked for.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ocpp.routing import on
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

SAMPLE_S = 1.0


def option(name: str) -> str | None:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class NoJournal:
    def owe(self, number: int, wh: int, at: str) -> None:
        pass

    def settle(self, number: int) -> None:
        pass

    def owed(self) -> list[tuple[int, int, str]]:
        return []


class Journal(NoJournal):
    """Stops that were not answered yet, committed before they are sent."""

    def __init__(self, path: str) -> None:
        import sqlite3

        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=full")
        self._db.execute("create table if not exists stop(number integer primary key, wh integer, at text)")

    def owe(self, number: int, wh: int, at: str) -> None:
        self._db.execute("insert into stop values(?, ?, ?)", (number, wh, at))

    def settle(self, number: int) -> None:
        self._db.execute("delete from stop where number = ?", (number,))

    def owed(self) -> list[tuple[int, int, str]]:
        return self._db.execute("select number, wh, at from stop").fetchall()


class Program:
    """What both versions share: background tasks, kept so that they are not collected."""

    def __init__(self) -> None:
        path = option("--journal")
        self.journal = Journal(path) if path else NoJournal()
        self.backlog = int(option("--backlog") or 0)
        self.wh = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def later(self, job: Any) -> None:
        task = asyncio.get_running_loop().create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def station_16(identity: str, socket: Any, program: Program) -> Any:
    from ocpp.v16 import ChargePoint, call, call_result

    class Station(ChargePoint):
        number: int | None = None
        settings: dict[str, str] = {"HeartbeatInterval": "300"}  # noqa: RUF012
        profiles: dict[int, Any] = {}  # noqa: RUF012

        async def boot(self) -> None:
            await self.call(call.BootNotification("bare", "bare"))
            await self.call(call.StatusNotification(1, "NoError", "Available", timestamp=now()))
            for number, wh, at in program.journal.owed():
                await self.tell_stop(number, wh, at)
            for number in range(program.backlog):
                await self.call(call.StopTransaction(number, now(), number))
            program.later(self.meter())
            if path := option("--pins"):
                from bench.programs.bare_pins import BarePins, watch

                program.later(watch(BarePins(Path(path))))

        async def meter(self) -> None:
            while True:
                await asyncio.sleep(SAMPLE_S)
                program.wh += 1
                if self.number is not None:
                    await self.sample()

        async def sample(self) -> None:
            values = [{"value": str(program.wh), "unit": "Wh"}]
            await self.call(call.MeterValues(1, [{"timestamp": now(), "sampledValue": values}], self.number))

        async def begin(self, tag: str) -> None:
            answer = await self.call(call.StartTransaction(1, tag, program.wh, now()))
            self.number = answer.transaction_id
            await self.call(call.StatusNotification(1, "NoError", "Charging", timestamp=now()))

        async def end(self, number: int) -> None:
            self.number = None
            at = now()
            program.journal.owe(number, program.wh, at)
            await self.tell_stop(number, program.wh, at)
            await self.call(call.StatusNotification(1, "NoError", "Available", timestamp=now()))

        async def tell_stop(self, number: int, wh: int, at: str) -> None:
            await self.call(call.StopTransaction(wh, at, number))
            program.journal.settle(number)

        @on("RemoteStartTransaction")
        def start_asked(self, id_tag: str, **_: Any) -> Any:
            if self.number is not None:
                return call_result.RemoteStartTransaction("Rejected")
            program.later(self.begin(id_tag))
            return call_result.RemoteStartTransaction("Accepted")

        @on("RemoteStopTransaction")
        def stop_asked(self, transaction_id: int) -> Any:
            if self.number != transaction_id:
                return call_result.RemoteStopTransaction("Rejected")
            program.later(self.end(transaction_id))
            return call_result.RemoteStopTransaction("Accepted")

        @on("TriggerMessage")
        def trigger_asked(self, **_: Any) -> Any:
            program.later(self.sample())
            return call_result.TriggerMessage("Accepted")

        @on("GetConfiguration")
        def read(self, key: list[str] | None = None) -> Any:
            wanted = [(name, self.settings.get(name)) for name in key or self.settings]
            known = [{"key": name, "readonly": False, "value": value} for name, value in wanted if value]
            return call_result.GetConfiguration(known, [name for name, value in wanted if not value])

        @on("SetChargingProfile")
        def profile_set(self, connector_id: int, cs_charging_profiles: dict[str, Any]) -> Any:
            self.profiles[cs_charging_profiles["charging_profile_id"]] = cs_charging_profiles
            return call_result.SetChargingProfile("Accepted")

        @on("GetCompositeSchedule")
        def schedule_asked(self, connector_id: int, duration: int, **_: Any) -> Any:
            """Works nothing out."""
            periods = [{"start_period": hour * 3600, "limit": 16} for hour in range(24)]
            schedule = {"duration": duration, "charging_rate_unit": "A", "charging_schedule_period": periods}
            return call_result.GetCompositeSchedule("Accepted", connector_id, now(), schedule)

    return Station(identity, socket)


def station_201(identity: str, socket: Any, program: Program) -> Any:
    """Boots and reads variables: enough for the benches, whose transactions are 1.6."""
    from ocpp.v201 import ChargePoint, call, call_result

    class Station(ChargePoint):
        async def boot(self) -> None:
            await self.call(call.BootNotification({"model": "bare", "vendor_name": "bare"}, "PowerUp"))
            await self.call(call.StatusNotification(now(), "Available", 1, 1))

        @on("GetVariables")
        def read(self, get_variable_data: list[dict[str, Any]]) -> Any:
            return call_result.GetVariables(
                [{"attribute_status": "Accepted", "attribute_value": "300", **asked} for asked in get_variable_data]
            )

    return Station(identity, socket)


STATIONS = {"1.6": station_16, "2.0.1": station_201}


async def main() -> None:
    url, identity, version = sys.argv[1:4]
    offered = [Subprotocol(f"ocpp{version}")]
    async with connect(
        f"{url}/{identity}", subprotocols=offered, compression=None, ping_interval=None, proxy=None
    ) as socket:
        station = STATIONS[version](identity, socket, Program())
        await asyncio.gather(station.start(), station.boot())


if __name__ == "__main__":
    asyncio.run(main())
