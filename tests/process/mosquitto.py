"""A real Mosquitto on a port of the system's choice, and a program of the home that talks to it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiomqtt

from chargepoint.demo.authority import Signed

IN_TIME_S = 30.0
USER, PASSWORD = "wallbox", "a-password-at-the-broker"
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"


class Mosquitto:
    """May be killed, frozen and started again; it keeps its port."""

    def __init__(self, folder: Path, signed: Signed | None = None) -> None:
        self._folder = folder
        self.port = _free_port()
        folder.mkdir(exist_ok=True)
        self._passwords = folder / "passwords"
        self._passwords.touch(mode=0o600)
        made = ["mosquitto_passwd", "-b", str(self._passwords), USER, PASSWORD]
        subprocess.run(made, check=True, capture_output=True)
        tls = f"certfile {signed.certificate}\nkeyfile {signed.key}\n" if signed else ""
        (folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {self._passwords}\n{tls}"
            + ("user root\n" if os.geteuid() == 0 else "")
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path=PATH) or "mosquitto"
        with (self._folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, "-v", "-c", str(self._folder / "mosquitto.conf")], stdout=log, stderr=log
            )

    def kill(self, how: int = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            if how in (signal.SIGKILL, signal.SIGTERM):
                self.process.wait(IN_TIME_S)
                self.process = None

    @property
    def log(self) -> str:
        return (self._folder / "mosquitto.log").read_text()

    def close(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
        self.kill()


class Home:
    """A program of the home: hears everything, says what a test wants."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.retained: dict[str, bytes] = {}
        self.heard: list[tuple[str, bytes]] = []

    async def listen(self) -> None:
        with suppress(aiomqtt.MqttError):
            async for message in self._client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                self.retained[str(message.topic)] = payload
                self.heard.append((str(message.topic), payload))

    async def say(self, topic: str, payload: str | bytes = "", *, retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=1, retain=retain)

    async def until(self, topic: str, holds: Callable[[Any], bool]) -> Any:
        """What stands there, once that is true of it."""
        try:
            async with asyncio.timeout(IN_TIME_S):
                while True:
                    payload = self.retained.get(topic)
                    told = _read(payload) if payload else None
                    if told is not None and holds(told):
                        return told
                    await asyncio.sleep(0.02)  # another process speaks
        except TimeoutError:
            raise AssertionError(f"{topic} says {self.retained.get(topic)!r}") from None


def _read(payload: bytes) -> Any:
    text = payload.decode()
    return json.loads(text) if text.startswith("{") else text


@asynccontextmanager
async def home(port: int) -> AsyncIterator[Home]:
    """Tries until the broker is there."""
    async with asyncio.timeout(IN_TIME_S):
        client = await _connected(port)
    try:
        await client.subscribe("#", qos=1)
        here = Home(client)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(here.listen())
            yield here
            listening.cancel()
    finally:
        with suppress(aiomqtt.MqttError):
            await client.__aexit__(None, None, None)


async def _connected(port: int) -> aiomqtt.Client:
    while True:
        client = aiomqtt.Client("127.0.0.1", port, username=USER, password=PASSWORD, keepalive=60)
        try:
            return await client.__aenter__()
        except aiomqtt.MqttError:
            await asyncio.sleep(0.05)


def _free_port() -> int:
    """Mosquitto has no word for "any free one"."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
