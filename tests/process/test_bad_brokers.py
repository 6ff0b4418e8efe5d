"""Whatever answers where a broker should be: the line ends with one sentence, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from chargepoint.mqtt import broker
from chargepoint.mqtt.broker import Address, connector
from chargepoint.mqtt.line import BrokerLost

CONNACK = bytes.fromhex("2003000000")
CONNACK_REFUSED = bytes.fromhex("2003008600")  # bad user name or password
SUBACK = bytes.fromhex("900400010000")
GIANT = b"\x30\xff\xff\xff\x7f"  # a publication of 256 MB begins
ODD_TOPIC = bytes.fromhex("30050002c3280061")

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(*parts: bytes, then_close: bool = False) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read(100)
            for part in parts:
                writer.write(part)
            if not then_close:
                await reader.read()
        writer.close()

    return answer


@asynccontextmanager
async def somebody(answer: Answer) -> AsyncIterator[Address]:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield Address.of(f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}")


async def use(address: Address) -> None:
    connect: Any = connector(address, "test", "test/availability")
    async with connect() as line:
        await line.subscribe(["test/#"])
        async for _ in line.messages():
            pass


@pytest.mark.parametrize(
    "answer",
    [
        saying(then_close=True),
        saying(b"HTTP/1.1 400 Bad Request\r\n\r\n", then_close=True),
        saying(b"\x00" * 1000),
        saying(b"\xff" * 1000),
        saying(CONNACK_REFUSED),
        saying(CONNACK[:3], then_close=True),
        saying(CONNACK, b"\x00" * 50),
        saying(CONNACK, SUBACK, b"\x90\x00"),
        saying(CONNACK, SUBACK, ODD_TOPIC, then_close=True),
        saying(CONNACK, SUBACK, GIANT, then_close=True),
        saying(CONNACK, SUBACK, b"\xe0\x02\x8b\x00"),  # it shuts down
        saying(CONNACK),  # and nothing more
        saying(),
    ],
)
async def test_an_odd_broker_is_lost_in_one_sentence(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "ANSWER_S", 0.5)
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
    before = len(os.listdir("/proc/self/fd"))
    async with somebody(answer) as address:
        with pytest.raises(BrokerLost) as lost:
            async with asyncio.timeout(20.0):
                await use(address)
        assert str(lost.value).startswith(f"[mqtt] {address.shown}: ")
    await asyncio.sleep(0.1)
    gc.collect()
    assert complaints == []
    assert len(os.listdir("/proc/self/fd")) <= before


async def test_nobody_there_is_one_sentence_too() -> None:
    async with somebody(saying()) as address:
        pass
    with pytest.raises(BrokerLost, match="refused"):
        await use(address)


async def test_a_name_that_does_not_exist_is_one_sentence_too() -> None:
    with pytest.raises(BrokerLost):
        await use(Address.of("mqtt://no-such-broker.invalid"))
