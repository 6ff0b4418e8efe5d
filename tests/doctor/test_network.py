"""The way out of a machine that is made up: cable, Wi-Fi, mobile, none; and what idle connections need."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chargepoint.doctor.network import MODEM, PING, WAY, Network
from chargepoint.modem import NoModem
from hw.doctor import Finding, Outcome
from tests.test_modem import ANSWERS, Manager

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
LOCAL = "{0}\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
DEFAULT = "{0}\t00000000\t0101A8C0\t0003\t0\t0\t{1}\t00000000\t0\t0\t0\n"
WIRELESS = """\
Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
 wlan0: 0000   49.  {dbm}.  -256        0      0      0      0      0        0
"""


class Machine:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.put("proc/net/route", HEAD)

    def put(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def routes(self, *lines: str) -> None:
        self.put("proc/net/route", HEAD + "".join(lines))

    def interface(self, name: str, **files: str) -> None:
        for file, text in {"operstate": "up", **files}.items():
            self.put(f"sys/class/net/{name}/{file}", text + "\n")

    def wifi(self, dbm: int) -> None:
        self.interface("wlan0")
        (self.root / "sys/class/net/wlan0/phy80211").mkdir()
        self.put("proc/net/wireless", WIRELESS.format(dbm=dbm))

    async def found(self, **more: Any) -> dict[str, Finding]:
        return {finding.step: finding async for finding in Network(root=self.root, **more).steps()}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


async def test_without_a_default_route_the_interfaces_are_named(machine: Machine) -> None:
    machine.interface("eth0", operstate="down")
    machine.routes(LOCAL.format("eth0"))
    way = (await machine.found())[WAY]
    assert (way.outcome, way.seen) == (Outcome.FAILED, "no default route; eth0 down")
    assert "Is the cable plugged in" in (way.remedy or "")


async def test_the_least_metric_is_the_way_and_a_cable_tells_its_speed(machine: Machine) -> None:
    machine.interface("eth0", speed="100")
    machine.wifi(-50)
    machine.routes(DEFAULT.format("wlan0", 600), DEFAULT.format("eth0", 100), LOCAL.format("eth0"))
    assert (await machine.found())[WAY].seen.startswith("eth0, wired, 100 Mbit/s")


@pytest.mark.parametrize(("dbm", "weak"), [(-60, False), (-75, False), (-76, True), (-90, True)])
async def test_wifi_tells_its_signal(machine: Machine, dbm: int, weak: bool) -> None:
    machine.wifi(dbm)
    machine.routes(DEFAULT.format("wlan0", 600))
    seen = (await machine.found())[WAY].seen
    assert f"wlan0, Wi-Fi, {dbm} dBm" in seen
    assert ("weak" in seen) is weak


async def test_ipv6_alone_is_a_way(machine: Machine) -> None:
    machine.interface("eth0")
    zeros = "0" * 32
    machine.put(
        "proc/net/ipv6_route",
        f"{zeros} 00 {zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n"
        f"{zeros} 00 {zeros} 00 {zeros} ffffffff 00000001 00000000 00200200 lo\n",
    )
    assert (await machine.found())[WAY].seen.startswith("eth0, wired")


@pytest.mark.parametrize(
    ("ping_s", "outcome"), [(0, Outcome.FAILED), (30, Outcome.OK), (240, Outcome.OK), (241, Outcome.FAILED)]
)
async def test_a_mobile_line_needs_pings(machine: Machine, ping_s: int, outcome: Outcome) -> None:
    machine.interface("wwan0", uevent="DEVTYPE=wwan")
    machine.routes(DEFAULT.format("wwan0", 700))
    assert (await machine.found(ping_s=float(ping_s)))[PING].outcome is outcome


async def test_a_cable_is_asked_for_no_pings(machine: Machine) -> None:
    machine.interface("eth0")
    machine.routes(DEFAULT.format("eth0", 100))
    assert list(await machine.found(ping_s=0.0)) == [WAY]


async def test_a_connected_modem_tells_operator_and_signal(machine: Machine) -> None:
    machine.interface("wwan0", uevent="DEVTYPE=wwan")
    machine.routes(DEFAULT.format("wwan0", 700))
    assert (await machine.found(ask_modem=Manager()))[MODEM].seen == "connected, Example Mobile, lte, signal 67%"


@pytest.mark.parametrize(
    ("generic", "remedy"),
    [
        ({"state": "failed", "state-failed-reason": "sim-missing"}, "Is the card in"),
        ({"state": "locked"}, "It wants its PIN"),
        ({"state": "searching"}, "aerial"),
        ({"state": "registered"}, "access point"),
        ({"state": "disabling"}, "mmcli -m any"),
    ],
)
async def test_a_modem_that_is_the_only_way_and_not_connected(
    machine: Machine, generic: dict[str, str], remedy: str
) -> None:
    modem = (await machine.found(ask_modem=Manager({**ANSWERS, "-m": {"modem": {"generic": generic}}})))[MODEM]
    assert modem.outcome is Outcome.FAILED
    assert remedy in (modem.remedy or "")


async def test_a_modem_that_is_missing_matters_only_where_it_is_needed(machine: Machine) -> None:
    async def none(arguments: Sequence[str]) -> Any:
        raise NoModem("ModemManager knows no modem")

    assert (await machine.found(ask_modem=none))[MODEM].outcome is Outcome.FAILED
    machine.interface("eth0")
    machine.routes(DEFAULT.format("eth0", 100))
    assert (await machine.found(ask_modem=none))[MODEM].outcome is Outcome.OK
