"""A system on trial under real systemd, in its sandbox: it is kept, or the machine restarts for the other one.

RAUC's program is played, over the back-end of deploy/rauc; the real one has tests of its own.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from tests.deploy.machine import Machine
from tests.deploy.station import DAEMON, STATE

RAUC = Path(__file__).parents[2] / "deploy" / "rauc"
BOOT = f"{STATE}/boot"  # where the daemon's user may write: nobody else plays RAUC here
TRIAL_S = 60.0
RESTARTED = 133  # systemd-nspawn: the machine has restarted

PROGRAM = f"""\
#!/bin/sh
export BOOT={BOOT} CMDLINE={BOOT}/cmdline
backend=/usr/local/lib/rauc/by-file
slot() {{
    state=inactive; [ "$1" != B ] || state=booted
    printf '{{"rootfs.%s":{{"bootname":"%s","state":"%s","boot_status":"%s"}}}}' \\
        "$2" "$1" "$state" "$($backend get-state "$1")"
}}
case $* in
"status mark-good booted") exec $backend set-state B good ;;
status*) printf '{{"compatible":"x","boot_primary":"rootfs.0","slots":[%s,%s]}}' "$(slot A 0)" "$(slot B 1)" ;;
*) exit 1 ;;
esac
"""

CONFIG = """\
[station]
vendor = "Acme"
model = "Wall 22"
serial_number = "A-1"

[[evse]]
pilot = {{ driver = "mock" }}
contactor = {{ driver = "mock" }}

[update]
rauc_program = "/usr/local/bin/played-rauc"
trial_s = 60
{more}
"""

NOBODY = '[csms]\nurl = "ws://127.0.0.1:1"\nidentity = "CP1"\nsecurity_profile = 0\n'
"""A back office that does not answer."""


@pytest.fixture
def on_trial(machine: Machine) -> Machine:
    """Slot B runs for the first time."""
    for name in ("by-file", "slots.sh"):
        target = machine.path(f"/usr/local/lib/rauc/{name}")
        target.parent.mkdir(exist_ok=True)
        shutil.copy(RAUC / name, target)
    machine.write("/usr/local/bin/played-rauc", PROGRAM)
    machine.path("/usr/local/bin/played-rauc").chmod(0o755)
    state = machine.path(STATE).stat()
    boot = machine.path(BOOT)
    boot.mkdir()
    (boot / "slots.env").write_text("# GRUB Environment Block\nprimary=A\ntry=\nA=good\nB=bad\n".ljust(1024, "#"))
    (boot / "cmdline").write_text("rauc.slot=B\n")
    for path in (boot, *boot.iterdir()):
        shutil.chown(path, state.st_uid, state.st_gid)
    return machine


def slots(machine: Machine) -> str:
    return machine.path(f"{BOOT}/slots.env").read_text()


async def test_one_that_works_is_kept(on_trial: Machine) -> None:
    on_trial.write("/etc/chargepoint/chargepoint.toml", CONFIG.format(more=""))
    on_trial.boot()
    deadline_s = asyncio.get_running_loop().time() + TRIAL_S
    while "primary=B" not in slots(on_trial):
        assert asyncio.get_running_loop().time() < deadline_s, on_trial.journal(DAEMON)
        await asyncio.sleep(0.5)
    said = on_trial.run("chargepoint update --status")
    assert "has proven itself and stays" in said
    assert on_trial.asked(DAEMON, "NRestarts") == "0"


async def test_one_that_the_back_office_does_not_accept_restarts_the_machine(on_trial: Machine) -> None:
    """Its user may not; chargepoint-reboot.path does."""
    on_trial.write("/etc/chargepoint/chargepoint.toml", CONFIG.format(more=NOBODY))
    on_trial.boot()
    assert await asyncio.to_thread(on_trial.ended, 3 * TRIAL_S) == RESTARTED
    note = json.loads(on_trial.path(f"{STATE}/trial-failed.json").read_text())
    assert note["slot"] == "B"
    assert "the back office has not accepted the station" in note["why"]
    assert not on_trial.path(f"{STATE}/reboot").exists()
    assert "primary=A" in slots(on_trial)
