"""Where the files of a station lie: on a card that was made as an image, or anywhere for a test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Folders, and the configuration file."""

    boot: Path  # the installer's side: the boot partition
    config: Path  # the file in force
    state: Path
    data: Path  # what belongs to the machine and not to the station: its name, Wi-Fi, keys of those who may log in
    run: Path  # forgotten at every start

    @property
    def etc(self) -> Path:
        return self.config.parent

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def network(self) -> Path:
        return self.data / "network"

    @property
    def login(self) -> Path:
        return self.data / "ssh"

    @property
    def identity(self) -> Path:
        return self.data / "identity"

    @property
    def report(self) -> Path:
        return self.boot / "chargepoint-report.txt"

    @property
    def memory(self) -> Path:
        """What was taken over last. Not in the state directory: the station's own user must not lead root astray."""
        return self.data / "firstboot" / "taken.json"

    @property
    def undo(self) -> Path:
        """What stood in the places of files that are just being exchanged."""
        return self.data / "firstboot" / "undo"
