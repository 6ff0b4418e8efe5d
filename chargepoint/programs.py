"""Other programs, run to their end without a shell: what they say, and that nothing of them stays behind."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

log = logging.getLogger(__name__)

LAST_WAIT_S = 60.0
"""For a program that is at work when this one is told to end: half an installation is worse than a late end."""

KEPT_BYTES = 4_096
"""Of what a program says: the last of it."""

PASSED_ON = ("PATH", "LANG", "HOME", "TZ")
"""Of our environment. The rest is meant for us alone, by the service manager or by whoever started us."""

Listener = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ended:
    status: int  # exit status; negative: the signal that killed it
    said: str  # on its standard output
    complained: str = ""  # on its standard error


async def run(
    command: Sequence[str],
    *,
    within_s: float,
    environment: Mapping[str, str] | None = None,
    together: bool = False,
    heard: Listener | None = None,
    keep_bytes: int = KEPT_BYTES,
) -> Ended:
    """Run a program to its end. `together`: its complaints are among what it says. `heard`: each line, as it comes.

    Raises:
        TimeoutError: it did not end in time, and was killed with all that it has started.
        OSError: it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT if together else PIPE,
        start_new_session=True, cwd="/", env={**_plain_environment(), **(environment or {})},
    )  # fmt: skip
    try:
        async with asyncio.timeout(within_s):
            said, complained, status = await asyncio.gather(
                _words(process.stdout, keep_bytes, heard), _words(process.stderr, KEPT_BYTES), process.wait()
            )
    except asyncio.CancelledError:
        await _let_end(process)
        raise
    finally:
        await _end(process)
    return Ended(status, said, complained)


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in PASSED_ON}


async def _words(stream: asyncio.StreamReader | None, keep_bytes: int, heard: Listener | None = None) -> str:
    said, line = b"", b""
    while stream is not None and (chunk := await stream.read(KEPT_BYTES)):
        said = (said + chunk)[-keep_bytes:]
        if heard is not None:
            *lines, line = (line + chunk).split(b"\n")
            line = line[-KEPT_BYTES:]
            for each in lines:
                heard(each.decode(errors="replace"))
    return said.decode(errors="replace")


async def _let_end(process: Process) -> None:
    log.warning("a program that installs something is at work: it gets %.0f s to end", LAST_WAIT_S)
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_WAIT_S):
            await asyncio.gather(_words(process.stdout, KEPT_BYTES), _words(process.stderr, KEPT_BYTES))
            await process.wait()


async def _end(process: Process) -> None:
    """With all that it has started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
