"""A relay that the kernel shows as a file, such as /sys/class/leds/relay1/brightness: "1" closes, "0" opens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hw.discovery import Place, option
from hw.errors import DeviceLost


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may stand in contactor = { driver = "acme", … }."""

    coil_file: Path = option(help="file that switches the coil, such as /sys/class/leds/relay1/brightness")
    mirror_file: Path | None = option(None, help="file that shows the mirror contact; leave it out where none is wired")
    mirror_closed: str = option("0", choices=("0", "1"), help="what it reads while the main contacts are closed")


class Relay:
    """Contactor behind a relay that the kernel shows as a file."""

    Options = Options

    def __init__(self, options: Options, place: Place) -> None:
        self._options = options
        self._where = f"[{place.where}]"
        self.switch(False)  # whatever the process before us left

    def switch(self, closed: bool) -> None:
        try:
            self._options.coil_file.write_text("1" if closed else "0")
        except OSError as error:
            raise self._lost(self._options.coil_file, error) from None

    def feedback(self) -> bool | None:
        file = self._options.mirror_file
        if file is None:
            return None
        try:
            return file.read_text().strip() == self._options.mirror_closed
        except OSError as error:
            raise self._lost(file, error) from None

    def close(self) -> None:
        """Nothing is held open; the guard has opened the contactor before."""

    def _lost(self, file: Path, error: OSError) -> DeviceLost:
        fix = "Is the board plugged in, and may this user use the file?"
        return DeviceLost(f"{file}: {error.strerror}", where=self._where, fix=fix)
