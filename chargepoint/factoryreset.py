"""What a factory reset takes away: everything of the owner. What stays: who the station is, and what protects people.

Asked for while the daemon runs, it is written down, and done by the next run before anything is opened; a power cut in
between changes nothing about that.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.provisioning.commit import commit

if TYPE_CHECKING:
    from chargepoint.core.station import Station

log = logging.getLogger(__name__)

ASKED = "factory-reset.asked"

STAYS_OF_THE_FACTORY = ("factory.toml", "secrets/setup-code", "secrets/csms-password", "certificates/pending.key")
"""Made by the maker: the label's code, the password that his database knows, the key that never leaves the station."""

OWNERS = (
    "chargepoint.db*", "alive", "service-result", "logs/*", "transfers/*", "secrets/*", "certificates/*",
    ASKED,
)  # fmt: skip
"""The guard's latches and the machine's slots are not among them, nor is the configuration: the limits in it protect
the wiring, and stay the installer's."""


def ask(state: Path) -> None:
    """Let the next run begin with it. Raises OSError."""
    (state / ASKED).touch(0o600)


def begin(station: Station, state: Path) -> str | None:
    """Of a station that runs: the next run does it. None, or a sentence that says why not."""
    for evse in station.evses.values():
        if evse.busy:
            return f"somebody charges at EVSE {evse.id}; stop the session first"
    try:
        ask(state)
    except OSError as error:
        return f"the disk does not take it: {error.strerror or error}"
    log.warning("factory reset: everything of the owner's is erased")
    return None


def carry_out_if_asked(state: Path) -> bool:
    """By the one who holds the state directory, before anything in it is opened."""
    if not (state / ASKED).exists():
        return False
    carry_out(state)
    return True


def carry_out(state: Path) -> None:
    """All at once. Raises OSError: nothing has changed then."""
    commit(state, {}, removed=owners_files(state))


def owners_files(state: Path) -> set[str]:
    """Below `state`. A station that was never provisioned has nothing of a factory."""
    stays = set(STAYS_OF_THE_FACTORY) | _first_certificate(state) if (state / "factory.toml").exists() else set()
    there = {file for pattern in OWNERS for file in state.glob(pattern) if file.is_file() or file.is_symlink()}
    return {str(file.relative_to(state)) for file in there} - stays


def _first_certificate(state: Path) -> set[str]:
    """The station's own, as the maker's authority signed it: the oldest that is kept."""
    numbered = [
        (file.stem.rpartition("-")[2], file) for file in state.glob("certificates/ChargingStationCertificate-*.pem")
    ]
    found = sorted((int(number), file) for number, file in numbered if number.isdecimal())
    if not found:
        return set()
    first = found[0][1].relative_to(state)
    return {str(first), str(first.with_suffix(".key"))}
