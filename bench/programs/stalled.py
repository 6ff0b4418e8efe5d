"""Runs a program as it is, but lets SIGUSR1 block it for a second in one C call that holds the interpreter.

    python -m bench.programs.stalled -m MODULE [ARGUMENT …]
    python -m bench.programs.stalled SCRIPT [ARGUMENT …]

As a slow regular expression, a large JSON text or a careless driver would.
"""

from __future__ import annotations

import runpy
import signal
import sys
import time

STALL_S = 1.0
TRIAL = 2_000_000


def _count_for(seconds: float) -> int:
    """How far `sum` counts in that time here."""
    began_s = time.perf_counter()
    sum(range(TRIAL))
    return round(TRIAL * seconds / (time.perf_counter() - began_s))


def main() -> None:
    count = _count_for(STALL_S)
    signal.signal(signal.SIGUSR1, lambda number, frame: sum(range(count)))
    arguments = sys.argv[1:]
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main()
