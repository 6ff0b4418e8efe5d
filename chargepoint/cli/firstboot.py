"""`chargepoint firstboot`: takes over an installer's files from the boot partition. A unit of the image runs it."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from chargepoint.cli.exits import DONE, REFUSED

RUN = Path("/run/chargepoint-firstboot")
SYSTEM = Path("/etc")


def firstboot(args: Namespace) -> int:
    from chargepoint import logs
    from chargepoint.firstboot import state, wording
    from chargepoint.firstboot.partition import Partition
    from chargepoint.firstboot.places import Places
    from chargepoint.firstboot.takeover import take_over

    logs.to_stderr(verbose=False)
    places = Places(boot=args.boot, config=args.config, state=args.state, data=args.data, run=RUN)
    report = take_over(places, Partition(args.boot, mounted=args.image))
    if args.image:
        state.arrange(places, report.station if report else state.look(places), SYSTEM)
        return DONE  # whatever was wrong there, the station starts
    if report is None:
        return REFUSED
    sys.stdout.write(wording.text(report).lstrip(wording.BOM).replace("\r\n", "\n"))
    return REFUSED if report.refused else DONE
