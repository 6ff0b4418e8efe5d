"""`python -m hw.mock --config FILE --state DIR`: cars, pins, meters and card readers that are not there."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from hw.guard.config import ConfigWrong, read_config
from hw.mock.presence import simulates
from hw.mock.server import serve
from hw.notify import Mailbox
from hw.processes import AlreadyRunning, StateUnusable, claim

DONE, MISTAKES, IN_USE = 0, 1, 5


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.where_needed and not simulates(options.config):
        Mailbox().say("READY=1")  # as ready as it will be
        return DONE
    try:
        config = read_config(options.config)
        handle = claim("mock", options.state) if options.claim is None else options.claim
    except (ConfigWrong, StateUnusable) as error:
        return _complain(str(error), MISTAKES)
    except AlreadyRunning as error:
        return _complain(str(error), IN_USE)
    try:
        asyncio.run(serve(config, options.state))
    finally:
        os.close(handle)
    return DONE


def _complain(sentence: str, status: int) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - for people, and for the log
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hw.mock", description="Simulated hardware for a station.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    parser.add_argument("--claim", type=int, metavar="FD", help="the pid file, open and locked by whoever started this")
    parser.add_argument("--where-needed", action="store_true", help="end at once where nothing is simulated")
    return parser


if __name__ == "__main__":
    sys.exit(main())
