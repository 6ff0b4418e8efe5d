"""A program that writes a log as fast as it can, with half a second of another in between; killed by its parent."""

import itertools
import sys
from datetime import UTC, datetime
from pathlib import Path

from chargepoint.store.ring import Ring

ring = Ring(Path(sys.argv[1]), "log", files=4, file_bytes=20_000)
for number in itertools.count(int(sys.argv[2])):
    ring.append(datetime.now(UTC), f"line {number} {'x' * (number % 300)}")
    if number % 10 == 0:
        ring.sync()
    print(number, flush=True)
