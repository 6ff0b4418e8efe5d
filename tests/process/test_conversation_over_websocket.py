"""The conversation over a real WebSocket: what memory cannot show."""

import asyncio
import json
from typing import Any

from websockets.asyncio.server import ServerConnection

from chargepoint.ocpp.conversation import Conversation
from tests.ocpp import fakes
from tests.ocpp.test_rpc import ODD_FRAMES
from tests.process.test_link import plain, server

BOOTED = {"status": "Accepted", "interval": 300, "currentTime": "2026-11-22T12:00:00Z"}


async def test_every_odd_frame_on_the_wire_leaves_the_link_alive() -> None:
    answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    connections = 0

    async def csms(socket: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        async for text in socket:
            frame = json.loads(text)
            if frame[0] == 2:
                await socket.send(json.dumps([3, frame[1], BOOTED if frame[2] == "BootNotification" else {}]))
            if frame[0] == 2 and frame[2] == "StatusNotification" and frame[3]["connectorId"] == 2:
                for odd, *_ in ODD_FRAMES.values():
                    await socket.send(odd)
                await socket.send('[2,"last","GetConfiguration",{"key":["a"]}]')
            if frame[:2] == [3, "last"]:
                answered.set_result(frame)

    async with server(csms) as port:
        conversation = Conversation(plain(port), fakes.services(), fakes.FakeMemory(), ["1.6"], load=fakes.load)
        talking = asyncio.create_task(conversation.run())
        async with asyncio.timeout(10):
            assert await answered == [3, "last", {"unknownKey": ["a"]}]
        assert connections == 1
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
