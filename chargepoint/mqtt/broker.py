"""The real broker, by aiomqtt: the one module that knows that library. MQTT 5, of which two things are needed: that the
broker sends nothing longer than we take, and that it does not repeat retained commands at every connection.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from chargepoint.mqtt.line import BrokerLost, Message
from chargepoint.mqtt.topics import OFFLINE

library_log = logging.getLogger(__name__).getChild("library")
library_log.setLevel(logging.CRITICAL)  # what it has to say comes as an exception too, and we say it once

ANSWER_S = 10.0
"""A broker that does not acknowledge within this is gone."""

KEEPALIVE_S = 15

LONGEST_PACKET = 4096
"""Bytes that the broker may send at once."""

WAITING = 64
"""Commands that may wait; the rest are dropped."""

DO_NOT_SEND_RETAINED = SubscribeOptions.RETAIN_DO_NOT_SEND

WHY_REFUSED = {
    "Bad user name or password": "Check username and password_file of [mqtt] against the broker's users.",
    "Not authorized": "Check username and password_file of [mqtt], and what the broker lets this user do.",
    "Unsupported protocol version": "The broker is too old: it must speak MQTT 5 (Mosquitto 1.6 and later do).",
}


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    encrypted: bool
    username: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None

    @classmethod
    def of(
        cls, url: str, username: str = "", password_file: Path | None = None, ca_file: Path | None = None
    ) -> Address:
        """`url` as `config` has checked it."""
        parts = urlsplit(url)
        encrypted = parts.scheme == "mqtts"
        port = parts.port or (8883 if encrypted else 1883)
        return cls(parts.hostname or "", port, encrypted, username, password_file, ca_file)

    @property
    def shown(self) -> str:
        return f"{self.host}:{self.port}"

    def lost(self, why: object) -> BrokerLost:
        """The same sentence for the same trouble, so that the log tells it once."""
        text = " ".join(str(why).split()) or type(why).__name__
        text = text.removeprefix("[code:128] ")
        fix = next((remedy for words, remedy in WHY_REFUSED.items() if words in text), "")
        return BrokerLost(text[:200], where=f"[mqtt] {self.shown}", fix=fix or "Check url of [mqtt], and the broker.")


class _Client(aiomqtt.Client):
    """Asks whether the socket is still open before it has it watched: its number may be another's by then."""

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        def write() -> None:
            try:
                client.loop_write()
            except Exception as trouble:  # as the library does where it reads: it is handed to whoever waits
                if not self._disconnected.done():
                    self._disconnected.set_exception(trouble)

        def watch() -> None:
            if sock.fileno() >= 0:
                self._loop.add_writer(sock.fileno(), write)

        self._loop.call_soon_threadsafe(watch)


class BrokerLine:
    """One connection of aiomqtt."""

    def __init__(self, client: aiomqtt.Client, address: Address) -> None:
        self._client, self._address = client, address

    async def publish(self, topic: str, payload: bytes, *, retain: bool = True) -> None:
        try:
            await self._client.publish(topic, payload, qos=1, retain=retain)
        except (aiomqtt.MqttError, OSError, ValueError) as trouble:
            raise self._address.lost(trouble) from None

    async def subscribe(self, topics: Sequence[str]) -> None:
        """At most once: a command that comes late is worse than one that is lost."""
        options = SubscribeOptions(qos=0, retainHandling=DO_NOT_SEND_RETAINED)
        try:
            for topic in topics:
                await self._client.subscribe(topic, options=options)
        except (aiomqtt.MqttError, OSError, ValueError) as trouble:
            raise self._address.lost(trouble) from None

    async def messages(self) -> AsyncIterator[Message]:
        try:
            async for message in self._client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                yield Message(str(message.topic), payload, bool(message.retain))
        except (aiomqtt.MqttError, OSError, ValueError) as trouble:
            raise self._address.lost(trouble.__cause__ or trouble) from None


def connector(address: Address, identity: str, availability: str) -> Callable[[], object]:
    """`identity`: the client's name at the broker; of two with one name the earlier is turned out."""

    @asynccontextmanager
    async def connected() -> AsyncIterator[BrokerLine]:
        client = await _client(address, identity, availability)
        first = client._disconnected
        try:
            await client.__aenter__()
        except (aiomqtt.MqttError, OSError, ValueError) as trouble:
            await _abandon(client, first)
            raise address.lost(trouble) from None
        except BaseException:
            await _abandon(client, first)
            raise
        try:
            yield BrokerLine(client, address)
        finally:
            with suppress(aiomqtt.MqttError, OSError, ValueError):
                await client.__aexit__(None, None, None)
            await _abandon(client, first)

    return connected


async def _client(address: Address, identity: str, availability: str) -> aiomqtt.Client:
    try:
        password = address.password_file.read_text(encoding="utf-8").strip() if address.password_file else None
        tls = await asyncio.to_thread(_tls, address.ca_file) if address.encrypted else None
    except (OSError, ValueError) as error:
        raise address.lost(error) from None
    limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    limits.MaximumPacketSize = LONGEST_PACKET
    limits.ReceiveMaximum = WAITING
    return _Client(
        address.host,
        address.port,
        username=address.username or None,
        password=password,
        logger=library_log,
        identifier=identity,
        protocol=aiomqtt.ProtocolVersion.V5,
        will=aiomqtt.Will(availability, OFFLINE, qos=1, retain=True),
        timeout=ANSWER_S,
        keepalive=KEEPALIVE_S,
        clean_start=True,
        max_queued_incoming_messages=WAITING,
        properties=limits,
        tls_context=tls,
    )


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """Reading the system's certificates takes a while."""
    return ssl.create_default_context(cafile=ca_file)


async def _abandon(client: aiomqtt.Client, first: asyncio.Future[None]) -> None:
    """Leave nothing behind: after an attempt that came to nothing, the library would keep its socket for a minute, and
    asyncio would tell of an exception that nobody has fetched. `first`: what told of the end before it was connected.
    """
    await asyncio.sleep(0)  # what it has asked of the event loop happens while its socket is still its own
    with suppress(Exception):  # it is given up; whatever it says to that is of no use
        client._client._sock_close()
    for end in (first, client._disconnected):
        if end.done() and not end.cancelled():
            end.exception()
