"""Asking a contestant one thing after the other, and what each answer cost."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench import procstat
from bench.office import CallRefused
from bench.results import percentile
from bench.stations import Bare, NeverCame, Ours, link, within

WARM_UP = 50  # answers before it counts: caches, and validators that are built when first needed
ANSWER_S = 20.0
INSIST_S = 0.005  # between two tries of a call that a station still refuses

GET_ONE: Mapping[str, tuple[str, dict[str, Any]]] = {
    "1.6": ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
    "2.0.1": (
        "GetVariables",
        {"getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]},
    ),
}


@dataclass(frozen=True, slots=True)
class Burst:
    rate: float  # answers a second, one at a time
    p50_ms: float
    p99_ms: float
    cpu_us: float  # the contestant's own, for each


async def get_one(contestant: Bare | Ours, count: int) -> Burst:
    """`count` requests for one setting, one at a time."""
    action, payload = GET_ONE[contestant.version]
    _keep_apart(contestant.pid)
    for _ in range(WARM_UP):
        await link(contestant).call(action, payload)
    times_s, cpu_s = [], procstat.cpu_s(contestant.pid)
    for _ in range(count):
        before_s = time.perf_counter()
        await link(contestant).call(action, payload)
        times_s.append(time.perf_counter() - before_s)
    cpu_s = procstat.cpu_s(contestant.pid) - cpu_s
    p50_ms, p99_ms = (percentile(times_s, part) * 1e3 for part in (50, 99))
    return Burst(count / sum(times_s), p50_ms, p99_ms, cpu_s / count * 1e6)


def _keep_apart(pid: int) -> None:
    """The bench keeps to core 0 (see __main__), the contestant to the last one: neither waits for the other."""
    cores = os.cpu_count() or 1
    if cores > 1:
        procstat.pin([pid], {cores - 1})


# --- transactions, in 1.6 ---------------------------------------------------------------------------------------------

TOKEN = "BENCH01"


async def session(contestant: Bare | Ours) -> None:
    """One transaction from the office: start, one sample on request, stop; each message waited for."""
    number = await begin(contestant)
    sampled = contestant.office.expect(contestant.identity, "MeterValues")
    await insist(contestant, "TriggerMessage", {"requestedMessage": "MeterValues"})
    await within(sampled, ANSWER_S, "MeterValues", contestant)
    stopped = contestant.office.expect(contestant.identity, "StopTransaction")
    await insist(contestant, "RemoteStopTransaction", {"transactionId": number})
    await within(stopped, ANSWER_S, "StopTransaction", contestant)


async def begin(contestant: Bare | Ours) -> int:
    """The number of a transaction that has just begun."""
    started = contestant.office.expect(contestant.identity, "StartTransaction")
    await insist(contestant, "RemoteStartTransaction", {"connectorId": 1, "idTag": TOKEN})
    number: int = (await within(started, ANSWER_S, "StartTransaction", contestant)).payload["number"]
    return number


async def insist(contestant: Bare | Ours, action: str, payload: dict[str, Any]) -> None:
    """Call until it is accepted: a station refuses a start while it still puts the last transaction away."""
    deadline_s = time.perf_counter() + ANSWER_S
    while True:
        try:
            answer = await link(contestant).call(action, payload)
        except CallRefused as refusal:
            raise NeverCame(f"{contestant.identity}: {refusal}") from None
        if answer["status"] == "Accepted":
            return
        if time.perf_counter() > deadline_s:
            raise NeverCame(f"{contestant.identity} answers {action} with {answer}")
        await asyncio.sleep(INSIST_S)
