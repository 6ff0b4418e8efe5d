"""`python -m hw.doctor.claimant --state DIR TABLE`: claims one line, drives it, says so, and waits to be killed."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from hw.discovery import Place, load
from hw.doctor.spare import EVSE, WHERE
from hw.errors import Fixable


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m hw.doctor.claimant")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR")
    parser.add_argument("table", type=json.loads, help="of a contactor's driver, as JSON")
    options = parser.parse_args()
    try:
        line = load("contactor", options.table, Place(WHERE, options.state, EVSE))
        line.switch(True)
    except Fixable as trouble:
        print(json.dumps({"lost": trouble.what, "fix": trouble.fix}), flush=True)  # noqa: T201 - for the doctor
        return 1
    print(json.dumps({"driven": True}), flush=True)  # noqa: T201 - for the doctor
    signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
