"""The real daemon at a real Mosquitto: a session by MQTT, brokers that die, freeze, flood, and are not who they say."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from chargepoint.demo.authority import Authority
from chargepoint.store.ring import Ring
from hw.processes import living
from tests.process.mosquitto import IN_TIME_S, PASSWORD, USER, Mosquitto, home

pytestmark = pytest.mark.broker

CONFIG = """
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"
[access]
mode = "free"
[[evse]]
[mqtt]
url = "{url}"
username = "{user}"
password_file = "{password}"
control = true
{more}
"""
ROOT = "chargepoint/A-1"
EVSE, HERE = f"{ROOT}/evse/1", f"{ROOT}/availability"
CONFIG_TOPIC = "homeassistant/device/chargepoint_A-1/config"


class Daemon:
    """A station on simulated hardware."""

    def __init__(self, folder: Path, url: str, more: str = "", password: str = PASSWORD) -> None:
        self.state = folder / "state"
        self.state.mkdir()
        (folder / "password").write_text(password + "\n")
        (folder / "password").chmod(0o600)
        config = CONFIG.format(url=url, user=USER, password=folder / "password", more=more)
        (folder / "cp.toml").write_text(config)
        self._files = ("--config", str(folder / "cp.toml"), "--state", str(self.state))
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "chargepoint", "run", *self._files]
        with (self.state / "stderr").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log)

    def end(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(IN_TIME_S)
            self.process = None

    def cpu_s(self) -> float:
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        assert self.process is not None
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_")) / 1024

    def lines(self, words: str) -> list[str]:
        return [line for _, line in Ring(self.state / "logs", "log").lines() if words in line]

    async def until_logged(self, words: str, times: int = 1) -> list[str]:
        try:
            async with asyncio.timeout(IN_TIME_S):
                while len(found := self.lines(words)) < times:  # noqa: ASYNC110 - another process writes
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"{words!r} is not in the log {times} times: {self.lines('')}")
        return found

    async def tool(self, *words: str) -> None:
        command = [sys.executable, "-m", "chargepoint", *words, *self._files]
        running = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, said = await running.communicate()
        assert running.returncode == 0, said

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self.end()
        for process in ("guard", "mock"):
            if (pid := living(process, self.state)) is not None:
                os.kill(pid, signal.SIGTERM)


Start = Callable[..., Daemon]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path / "broker")
    mosquitto.start()
    yield mosquitto
    mosquitto.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Daemon] = []

    def go(url: str, more: str = "", **how: Any) -> Daemon:
        started.append(Daemon(tmp_path, url, more, **how))
        return started[-1]

    yield go
    for daemon in started:
        daemon.close()


async def test_a_session_is_charged_paused_limited_and_stopped_by_mqtt(broker: Mosquitto, start: Start) -> None:
    daemon = start(f"mqtt://127.0.0.1:{broker.port}")
    async with home(broker.port) as here:
        await here.until(HERE, lambda words: words == "online")
        await here.until(EVSE, lambda evse: evse["status"] == "available")
        device = await here.until(CONFIG_TOPIC, lambda told: True)
        assert device["components"]["evse1_start"]["command_topic"] == f"{EVSE}/start"
        await daemon.tool("sim", "plug", "1")
        await here.until(EVSE, lambda evse: evse["status"] == "charging" and evse["power_w"] > 10_000)
        await here.say(f"{EVSE}/limit/set", "8")
        await here.until(EVSE, lambda evse: evse["permit_a"] == 8 and evse["current_a"] == [8.0] * 3)
        await here.say(f"{EVSE}/enabled/set", "OFF")
        await here.until(EVSE, lambda evse: not evse["enabled"] and evse["contactor"] == "open")
        await here.say(f"{EVSE}/limit/set", "10")
        await here.say(f"{EVSE}/enabled/set", "ON")
        await here.until(EVSE, lambda evse: evse["permit_a"] == 10 and evse["contactor"] == "closed")
        await here.say(f"{EVSE}/limit/set", "80")
        await here.until(EVSE, lambda evse: evse["permit_a"] == 16)
        await here.say(f"{EVSE}/stop", "PRESS")
        await here.until(EVSE, lambda evse: evse["status"] == "finishing" and evse["session_energy_wh"] > 0)
        daemon.end()
        await here.until(HERE, lambda words: words == "offline")


async def test_a_daemon_that_is_killed_is_shown_as_gone_by_the_broker(broker: Mosquitto, start: Start) -> None:
    daemon = start(f"mqtt://127.0.0.1:{broker.port}")
    async with home(broker.port) as here:
        await here.until(HERE, lambda words: words == "online")
        daemon.end(signal.SIGKILL)
        await here.until(HERE, lambda words: words == "offline")
        daemon.start()
        await here.until(HERE, lambda words: words == "online")


async def test_a_broker_that_dies_is_found_again_and_told_everything(broker: Mosquitto, start: Start) -> None:
    daemon = start(f"mqtt://127.0.0.1:{broker.port}")
    await daemon.until_logged("connected to the MQTT broker")
    broker.kill()
    await daemon.until_logged("MQTT broker: ")
    await daemon.tool("sim", "plug", "1")
    broker.start()
    async with home(broker.port) as here:
        await here.until(EVSE, lambda evse: evse["status"] == "charging")
        await here.until(CONFIG_TOPIC, lambda told: "evse1_limit" in told["components"])
        await here.until(HERE, lambda words: words == "online")
    assert len(daemon.lines("connected to the MQTT broker")) == 2
    assert len(daemon.lines("MQTT broker: ")) == 1


async def test_a_broker_that_freezes_costs_nothing_and_is_left(broker: Mosquitto, start: Start) -> None:
    daemon = start(f"mqtt://127.0.0.1:{broker.port}")
    await daemon.until_logged("connected to the MQTT broker")
    broker.kill(signal.SIGSTOP)
    await daemon.tool("sim", "plug", "1")
    (line,) = await daemon.until_logged("MQTT broker: ")
    assert "timed out" in line
    broker.kill(signal.SIGCONT)
    async with home(broker.port) as here:
        await here.until(EVSE, lambda evse: evse["status"] == "charging")


async def test_home_assistant_that_comes_back_is_told_again(broker: Mosquitto, start: Start) -> None:
    start(f"mqtt://127.0.0.1:{broker.port}")
    async with home(broker.port) as here:
        await here.until(CONFIG_TOPIC, lambda told: True)
        here.retained.clear()
        await here.say("homeassistant/status", "online")
        await here.until(CONFIG_TOPIC, lambda told: True)
        await here.until(EVSE, lambda evse: evse["status"] == "available")


async def test_floods_and_giants_do_not_touch_charging(broker: Mosquitto, start: Start) -> None:
    daemon = start(f"mqtt://127.0.0.1:{broker.port}")
    async with home(broker.port) as here:
        await here.until(HERE, lambda words: words == "online")
        await daemon.tool("sim", "plug", "1")
        await here.until(EVSE, lambda evse: evse["status"] == "charging")
        before_mib, before_s = daemon.memory_mib(), daemon.cpu_s()
        for _ in range(5):
            await here.say(f"{EVSE}/limit/set", b"9" * 1_000_000)
        for n in range(400):
            await here.say(f"{EVSE}/limit/set", str(6 + n % 10))
            await here.say(f"{EVSE}/enabled/set", b"\xff\xfe")
        assert daemon.memory_mib() - before_mib < 3.0
        assert daemon.cpu_s() - before_s < 2.0
        warnings = [line for line in daemon.lines("WARNING") if "MQTT" in line]
        assert 1 <= len(warnings) <= 8
        await here.until(EVSE, lambda evse: evse["status"] == "charging" and evse["contactor"] == "closed")


async def test_the_doctor_proves_the_way_to_the_broker(broker: Mosquitto, start: Start) -> None:
    daemon = start(f"mqtt://127.0.0.1:{broker.port}")
    await daemon.until_logged("connected to the MQTT broker")
    assert await doctors_word(daemon) == ("ok", f"127.0.0.1:{broker.port}; topics {ROOT}/...")
    broker.kill()
    outcome, seen = await doctors_word(daemon)
    assert outcome == "failed"
    assert "refused" in seen


async def doctors_word(daemon: Daemon) -> tuple[str, str]:
    """Of the broker."""
    command = [sys.executable, "-m", "chargepoint", "doctor", "--json", *daemon._files]
    running = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out, _ = await running.communicate()
    (step,) = [step for step in json.loads(out) if step["step"] == "mqtt.broker"]
    return step["outcome"], step["seen"]


# --- encryption, passwords --------------------------------------------------------------------------------------------


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[tuple[Mosquitto, Authority]]:
    (tmp_path / "authority").mkdir()
    authority = Authority(tmp_path / "authority")
    mosquitto = Mosquitto(tmp_path / "broker", authority.sign("localhost"))
    mosquitto.start()
    yield mosquitto, authority
    mosquitto.close()


async def test_an_encrypted_broker_is_checked_and_used(
    encrypted: tuple[Mosquitto, Authority], start: Start
) -> None:  # fmt: skip
    broker, authority = encrypted
    daemon = start(f"mqtts://localhost:{broker.port}", f'ca_file = "{authority.file}"')
    await daemon.until_logged("connected to the MQTT broker")


async def test_a_broker_that_another_authority_vouches_for_is_refused(
    encrypted: tuple[Mosquitto, Authority], start: Start, tmp_path: Path
) -> None:
    broker, _ = encrypted
    stranger = Authority(tmp_path, "stranger")
    daemon = start(f"mqtts://localhost:{broker.port}", f'ca_file = "{stranger.file}"')
    (line,) = await daemon.until_logged("MQTT broker: ")
    assert "certificate verify failed" in line
    assert not daemon.lines("connected to the MQTT broker")


async def test_a_wrong_password_is_told_once_with_what_to_do(broker: Mosquitto, start: Start) -> None:
    daemon = start(f"mqtt://127.0.0.1:{broker.port}", password="a-wrong-password")
    await daemon.until_logged("MQTT broker: ")
    await asyncio.sleep(6.0)  # two more tries
    (line,) = daemon.lines("MQTT broker: ")
    assert "username and password_file of [mqtt]" in line
    assert "a-wrong-password" not in (daemon.state / "stderr").read_text()
    assert broker.log.count("not authorised") >= 2
