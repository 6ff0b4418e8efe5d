"""A station's card: the boot partition an installer sees, and what the station keeps for itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chargepoint.firstboot.partition import Partition
from chargepoint.firstboot.places import Places
from chargepoint.firstboot.takeover import take_over
from tests.config.conftest import SMALLEST

OLD = SMALLEST.replace("A-000123", "OLD-1")
NEW = SMALLEST.replace("A-000123", "NEW-2")

SECURED = """\
[csms]
url = "wss://csms.example.com/ocpp"
identity = "CP001"
password_file = "{secrets}/csms-password"
ca_file = "csms-ca.pem"
"""


@dataclass(frozen=True)
class Card:
    """Everything below one folder."""

    places: Places

    @classmethod
    def made(cls, folder: Path) -> Card:
        """As it comes from the maker: a configuration that works, and nothing of an installer."""
        places = Places(folder / "boot", folder / "etc" / "chargepoint.toml", folder / "state", folder / "data",
                        folder / "run")  # fmt: skip
        for made in (places.boot, places.etc, places.secrets, places.identity):
            made.mkdir(parents=True)
        places.config.write_text(OLD)
        (places.identity / "hostname").write_text("chargepoint-abc123\n")
        return cls(places)

    def put(self, name: str, content: str | bytes) -> None:
        (self.places.boot / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def boots(self) -> str:
        """One start; the report as Notepad shows it."""
        take_over(self.places, Partition(self.places.boot, mounted=False))
        return self.report

    @property
    def report(self) -> str:
        content = self.places.report.read_bytes().decode("utf-8-sig")
        assert content.replace("\r\n", "").isprintable()  # no line ends but those of Windows
        return content.replace("\r\n", "\n")

    @property
    def in_force(self) -> str:
        return self.places.config.read_text(encoding="utf-8-sig").replace("\r\n", "\n")

    def secured(self) -> str:
        """A configuration that names a password and certificates."""
        return NEW + SECURED.format(secrets=self.places.secrets)

    def lies_here(self, name: str) -> bool:
        return (self.places.boot / name).exists()
