"""What the services are on a running machine: fenced in, in time, in memory; and what becomes of them in trouble."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.deploy.station import DAEMON, GUARD, MOCK, STATE, Station

pytestmark = pytest.mark.node

EXPOSURE = {DAEMON: 1.5, GUARD: 2.0, MOCK: 2.0}
STORE = f"{STATE}/chargepoint.db"
MARKED = "store.execute('UPDATE memory SET value = {} WHERE key = \\'readable_from\\'')"


async def test_the_services_are_fenced_in(station: Station) -> None:
    for unit, most in EXPOSURE.items():
        said = station.machine.run(f"systemd-analyze security --no-pager {unit}", check=False)
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
        assert found is not None, said
        assert float(found[1]) <= most, said


async def test_the_guard_is_in_time_in_memory_and_without_a_network(station: Station) -> None:
    pid = station.machine.pid(GUARD)
    status = station.machine.run(f"cat /proc/{pid}/status")
    locked = re.search(r"VmLck:\s+(\d+) kB", status)
    assert locked is not None
    may = re.search(r"Max locked memory +unlimited", station.machine.run(f"cat /proc/{pid}/limits"))
    assert (int(locked[1]) > 5000) is (may is not None)  # a container may be kept from what its host may not
    assert "CapEff:\t0000000000000000" in status
    assert station.machine.run(f"chrt -p {pid}").splitlines()[0].endswith("SCHED_FIFO")
    networks = station.machine.run(f"cat /proc/{pid}/net/dev").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in networks] == ["lo"]


async def test_daemon_and_guard_run_as_two_users_who_share_a_folder(station: Station) -> None:
    users = [station.machine.run(f"stat -c %U /proc/{station.machine.pid(unit)}").strip() for unit in (DAEMON, GUARD)]
    assert users == ["chargepoint", "chargepoint-guard"]
    assert station.machine.run(f"stat -c %a:%U {STORE} {STATE}/secrets").split() == [
        "600:chargepoint",
        "700:chargepoint",
    ]


async def test_the_administrator_s_commands_work_beside_the_services(station: Station) -> None:
    run = station.machine.status_of
    assert run("chargepoint check")[0] == 0
    status, said = run("chargepoint status")
    assert (status, "available" in said) == (0, True), said
    status, said = run("chargepoint doctor")
    assert status == 0, said
    station.machine.run(f"systemctl stop {DAEMON} {GUARD}")
    status, said = run("chargepoint doctor")  # now it examines the devices itself
    assert (status, "contactor answers" in said) == (0, True), said
    station.machine.run(f"systemctl start {GUARD} {DAEMON}")
    await station.until_status(status="available")


def on_store(work: str) -> str:
    """A command that does it to the station's database, as the daemon's user."""
    code = f"import sqlite3; store = sqlite3.connect('{STORE}', isolation_level=None); {work}"
    return f'runuser -u chargepoint -- python3 -c "{code}"'


async def test_a_store_of_a_newer_version_is_left_alone_and_named(station: Station) -> None:
    station.machine.run(f"systemctl stop {DAEMON}")
    version = station.machine.run(on_store("print(store.execute('PRAGMA user_version').fetchone()[0])")).strip()
    station.machine.run(on_store(f"store.execute('PRAGMA user_version=999'); {MARKED.format(999)}"))
    station.machine.run(f"systemctl start {DAEMON}", check=False)
    await station.until(
        lambda: "a newer version of this program wrote the file" in station.machine.journal(DAEMON), "it is not named"
    )
    assert station.machine.asked(GUARD, "ActiveState") == "active"
    station.machine.run(on_store(f"store.execute('PRAGMA user_version={version}'); {MARKED.format(1)}"))
    await station.until_status(status="available")
    await station.charge()


async def test_on_a_full_disk_the_running_session_is_billed_and_room_brings_everything_back(
    station: Station,
) -> None:
    on_a_small_disk(station)
    await station.until_status(status="available")
    await station.charge()
    station.machine.run(f"dd if=/dev/zero of={STATE}/filler bs=64k 2>/dev/null", check=False)
    station.machine.run(f"dd if=/dev/zero of={STATE}/filler2 bs=1k 2>/dev/null", check=False)
    await asyncio.sleep(5)
    await station.leave()
    await station.is_billed_once(samples_lost=True)
    for unit in (DAEMON, GUARD):
        assert station.machine.asked(unit, "NRestarts") == "0"
    station.machine.run(f"rm {STATE}/filler {STATE}/filler2")
    await station.until_status(status="available")
    await station.charge()


def on_a_small_disk(station: Station) -> None:
    """Its state on 16 MB of its own."""
    station.machine.run(f"systemctl stop {DAEMON} {GUARD} {MOCK} && cp -a {STATE} /before")
    station.machine.run(f"mount -t tmpfs -o size=16m,mode=2770 small {STATE} && chown chargepoint: {STATE}")
    station.machine.run(f"chmod 2770 {STATE} && cp -a /before/. {STATE}/ && systemctl start {DAEMON} {GUARD} {MOCK}")


async def test_a_purge_ends_the_services_and_leaves_nothing(station: Station) -> None:
    await station.charge()
    station.machine.run("dpkg -P chargepoint; rm -f /this.deb /next.deb")
    assert station.machine.run("grep -al /usr/lib/[c]hargepoint /proc/[0-9]*/cmdline", check=False) == ""
    left = station.machine.run("find / -xdev -name '*chargepoint*' -not -path '/proc/*'", check=False).split()
    assert left == []
    assert station.machine.run("systemctl list-units --all --no-legend 'chargepoint*'", check=False) == ""
