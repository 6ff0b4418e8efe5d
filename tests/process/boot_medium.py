"""A boot partition as a folder, the back-ends of RAUC that write to it, and a firmware that reads it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

RAUC = Path(__file__).parents[2] / "deploy" / "rauc"

COMMANDS = ("dd", "mv", "sync", "mount", "umount", "cp", "rm", "rmdir", "mkdir", "mktemp", "head")
"""What the back-ends call to change something."""

CUT = """#!/bin/sh
# The {nth} of these commands is the last thing that happens before the power fails.
echo x >>"{count}"
if [ "$(wc -l <"{count}")" -ne "{nth}" ]; then exec {real} "$@"; fi
{first}
kill -9 0
"""


class BootMedium:
    """Slot A runs and has proven itself; what is in B nobody knows."""

    backend = "by-file"

    def __init__(self, place: Path) -> None:
        self.place = place
        self.boot, self.run = place / "boot", place / "run"
        for folder in (self.boot, self.run, place / "roots"):
            folder.mkdir(parents=True)
        self.lay_out()
        self.tried = False  # the firmware's flag
        self.booted = "A"
        self.boot_as("A")

    def lay_out(self) -> None:
        (self.boot / "slots.env").write_text("# GRUB Environment Block\nprimary=A\n".ljust(1024, "#"))

    def boot_as(self, slot: str) -> None:
        self.booted = slot
        (self.place / "cmdline").write_text(f"root=PARTLABEL=root rauc.slot={slot} quiet\n")

    def ask(self, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
        return self.script(self.backend, *words, path=path)

    def script(self, name: str, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"],
            "BOOT": str(self.boot),
            "CMDLINE": str(self.place / "cmdline"),
            "ROOTS": str(self.place / "roots"),
            "TMPDIR": str(self.run),
            "REBOOT_PARAMETER": str(self.run / "reboot-param"),
        }
        return subprocess.run(
            [RAUC / name, *words], env=environment, capture_output=True, text=True, check=False, start_new_session=True
        )

    def said(self, *words: str) -> str:
        answer = self.ask(*words)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def settings(self) -> dict[str, str]:
        return dict(re.findall(r"^(\w+)=(\w*)$", (self.boot / "slots.env").read_text(), re.MULTILINE))

    # --- what RAUC does -----------------------------------------------------------------------------------------------

    def install(self, slot: str) -> None:
        """What RAUC says in the course of an installation."""
        self.said("set-state", slot, "bad")
        self.said("set-primary", slot)

    # --- the machine --------------------------------------------------------------------------------------------------

    def restart(self) -> str:
        """As GRUB is set up: `try` is emptied, then started."""
        wanted = self.settings()
        if wanted.get("try"):
            text = (self.boot / "slots.env").read_text()
            (self.boot / "slots.env").write_text(text.replace(f"try={wanted['try']}\n", "try=\n#")[:1024])
        self.boot_as(wanted.get("try") or wanted["primary"])
        return self.booted

    def power_cut(self) -> str:
        return self.restart()


class Pi(BootMedium):
    """autoboot.txt in a partition of its own, and a boot partition for each slot."""

    backend = "by-tryboot"

    def lay_out(self) -> None:
        text = "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"
        (self.boot / "autoboot.txt").write_text(text)

    def restart(self) -> str:
        """systemd runs tryboot-at-reboot, and hands the kernel what it has left."""
        flag = self.run / "reboot-param"
        flag.unlink(missing_ok=True)
        answer = self.script("tryboot-at-reboot")
        assert answer.returncode == 0, answer.stderr
        return self._start("tryboot" if flag.exists() and "tryboot" in flag.read_text().split() else "all")

    def power_cut(self) -> str:
        return self._start("all")

    def _start(self, section: str) -> str:
        self.boot_as(self.named(section))
        return self.booted

    def named(self, section: str) -> str:
        found, here = {}, ""
        for line in (self.boot / "autoboot.txt").read_text().splitlines():
            if line.startswith("["):
                here = line.strip("[]")
            elif line.startswith("boot_partition="):
                found[here] = line.partition("=")[2]
        return {"2": "A", "3": "B"}[found[section]]


class PiWithOneBootPartition(Pi):
    """config.txt and tryboot.txt name the folder that the kernel comes from."""

    def lay_out(self) -> None:
        (self.boot / "config.txt").write_text("arm_64bit=1\nos_prefix=slot-a/\nenable_uart=1\n")
        (self.boot / "tryboot.txt").write_text("arm_64bit=1\nos_prefix=slot-b/\nenable_uart=1\n")

    def named(self, section: str) -> str:
        text = (self.boot / ("config.txt" if section == "all" else "tryboot.txt")).read_text()
        found = re.findall(r"^os_prefix=slot-([ab])/$", text, re.MULTILINE)
        assert len(found) == 1
        return str(found[0]).upper()


def cut_at(place: Path, nth: int, *, done: bool) -> str:
    """A folder of commands, the nth call of which is the last thing that happens. `done`: it is carried out, or not."""
    folder = place / f"cut-{nth}-{done}"
    folder.mkdir()
    for name in COMMANDS:
        real = subprocess.run(["sh", "-c", f"command -v {name}"], capture_output=True, text=True, check=True).stdout
        first = f'{real.strip()} "$@"' if done else ":"
        script = folder / name
        script.write_text(CUT.format(nth=nth, count=folder / "count", real=real.strip(), first=first))
        script.chmod(0o755)
    return str(folder)
