"""`chargepoint demo` as a newcomer runs it: the real program, a real back office, a bill, and nothing left behind."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from chargepoint.demo.plant import arguments

ENOUGH_S = 90  # a slow machine's; the demo takes under 30


async def start_demo(*options: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chargepoint", "demo", *options, stdout=PIPE, stderr=PIPE
    )


async def play(*options: str) -> tuple[int, str]:
    """Exit status and what was told."""
    demo = await start_demo(*options)
    async with asyncio.timeout(ENOUGH_S):
        out, err = await demo.communicate()
    assert demo.returncode is not None
    return demo.returncode, out.decode() + err.decode()


async def heard(demo: Process, words: str) -> str:
    """The line with `words` in it, as soon as the demo has said it."""
    assert demo.stdout
    while words not in (line := (await demo.stdout.readline()).decode()):
        assert line, f'the demo ended before it said "{words}"'  # at its end, readline() answers at once and for ever
    return line


def leftovers() -> list[int]:
    """Processes that were started for some demo's folder."""
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in pids if any("/chargepoint-demo-" in word for word in arguments(pid))]


def folders_of(demo: int) -> set[str]:
    """Where this demo's charge point lives; another may be played beside it."""
    ours = [pid for pid in leftovers() if parent_of(pid) == demo]
    return {word.split("/state")[0] for pid in ours for word in arguments(pid) if "/state" in word}


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def still_there(folders: set[str]) -> list[str]:
    return [folder for folder in folders if Path(folder).exists()]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), ("TransactionEvent", "this card may charge")),
        (
            ("--version", "1.6"),
            (
                "StartTransaction",
                "StopTransaction",
                "noted as transaction",
                "the page shows: 0.39 EUR per kWh; 0.01 EUR so far",
                "has cost 0.0",
            ),
        ),
        (("--version", "1.6", "--profile", "2"), ("Security profile 2", "link: TLSv1.3")),
        (("--version", "1.6", "--profile", "3"), ("Security profile 3", "link: TLSv1.3")),
        (("--profile", "3"), ("Security profile 3", "link: TLSv1.3", "TransactionEvent")),
        (("--offline",), ("told late: the line was down", "charging goes on", "The line comes back")),
        (("--version", "1.6", "--offline"), ("StopTransaction", "charging goes on", "The line comes back")),
    ],
    ids=["2.0.1", "1.6", "1.6 profile 2", "1.6 profile 3", "2.0.1 profile 3", "2.0.1 offline", "1.6 offline"],
)
async def test_the_demo_plays_a_session_and_the_bill_is_right(options: tuple[str, ...], said: tuple[str, ...]) -> None:
    status, told = await play(*options)
    assert status == 0, told
    assert re.search(r"energy +[1-9][\d,.]* Wh", told), told
    assert told.rstrip().endswith("the bill is right.")
    assert [words for words in said if words not in told] == []


async def test_interrupting_the_demo_leaves_no_process_and_no_file() -> None:
    demo = await start_demo()
    async with asyncio.timeout(ENOUGH_S):
        await heard(demo, "charges")
        folders = folders_of(demo.pid)
        demo.send_signal(signal.SIGINT)
        await demo.communicate()
    assert demo.returncode == 130
    assert folders
    assert not [pid for pid in leftovers() if any(folder in word for folder in folders for word in arguments(pid))]
    assert not still_there(folders)


async def test_keep_running_leaves_the_page_open_until_ctrl_c() -> None:
    demo = await start_demo("--keep-running")
    async with asyncio.timeout(ENOUGH_S):
        line = await heard(demo, "goes on. Its page: ")
        host, port = re.search(r"http://([\d.]+):(\d+)/", line).groups()  # type: ignore[union-attr]
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in await reader.readline()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        demo.send_signal(signal.SIGINT)
        await demo.communicate()
    assert demo.returncode == 0
