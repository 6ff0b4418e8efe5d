"""The registers of simulated meters, in the mapped wires: like those of real ones they outlive every power cut.

A kill takes nothing from a mapped file; a power cut takes what the kernel has not put on the disk, half a minute's
worth. So it is told to, whenever a register has moved.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from math import isfinite

from hw.mock.terminals import Terminals
from hw.notify import complaint


class Registers:
    """`sync` puts the mapped file on the disk, and takes as long as that takes. Raises OSError."""

    def __init__(self, terminals: Mapping[int, Terminals], sync: Callable[[], None]) -> None:
        self._terminals, self._sync = terminals, sync
        kept = {evse: each.energy_wh for evse, each in terminals.items()}
        damaged = sorted(evse for evse, wh in kept.items() if not (isfinite(wh) and wh >= 0.0))
        if damaged:
            _say(f"the simulated meters' registers are damaged at EVSE {damaged}: they start again at 0")
        self.restored_wh: dict[int, float] = {evse: 0.0 if evse in damaged else wh for evse, wh in kept.items()}
        """Of each EVSE, as the former run left it."""
        self._synced_wh = dict(self.restored_wh)
        self._failing = False

    def keep(self, energy_wh: Mapping[int, float]) -> bool:
        """Enough for a kill. Has any moved since the disk has had them?"""
        for evse, wh in energy_wh.items():
            self._terminals[evse].keep_energy(wh)
        return dict(energy_wh) != self._synced_wh

    def put_on_disk(self, energy_wh: Mapping[int, float]) -> None:
        """What was kept. A disk that does not take it is complained of once, and tried again with the next."""
        try:
            self._sync()
        except OSError as error:
            if not self._failing:
                _say(f"the simulated meters' registers cannot be put on the disk: {error.strerror}")
            self._failing = True
        else:
            self._synced_wh, self._failing = dict(energy_wh), False


def _say(sentence: str) -> None:
    print(complaint(sentence), file=sys.stderr)  # noqa: T201 - for the service's log
