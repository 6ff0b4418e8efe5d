"""What can be reached from the network, from the first second of a start on: what docs/image.md names."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.image.machine import PAGE, Machine
from tests.image.station import Station
from tests.process.strict import StrictCsms

TAP, HERE, STATION = "cpimage0", "10.0.2.77", "10.0.2.15"

NETWORK = (
    "user,id=usual",
    f"tap,id=wire,ifname={TAP},script=no,downscript=no",
    "hubport,hubid=0,id=one,netdev=usual",
    "hubport,hubid=0,id=two,netdev=wire",
    "hubport,hubid=0,id=net",
)
"""The usual network, and on the same wire this machine with an address of its own."""


@contextmanager
def wire() -> Iterator[None]:
    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True)

    ip("tuntap", "add", "dev", TAP, "mode", "tap")
    try:
        ip("address", "add", f"{HERE}/24", "dev", TAP)
        ip("link", "set", TAP, "up")
        yield
    finally:
        ip("link", "delete", TAP)


def scan(*how: str) -> set[str]:
    """Open ports, as "8080/tcp"."""
    words = ["nmap", "-n", "-Pn", "-oG", "-", "--max-retries", "2", *how, STATION]
    found = subprocess.run(words, capture_output=True, text=True, check=True, timeout=900).stdout
    return {f"{port}/{kind}" for port, kind in re.findall(r"(\d+)/open/(\w+)", found)}


def test_only_what_the_manual_names_is_open(new_machine: Machine, csms: StrictCsms) -> None:
    station = Station(new_machine, csms, "CP-ports")
    station.set_up()
    with wire():
        new_machine.boot(network=NETWORK)
        during: set[str] = set()

        def up() -> bool:
            during.update(scan("-sS", "--top-ports", "300", "--min-rate", "300"))
            return bool(station.heard("BootNotification"))

        new_machine.until(up, "it never came online", 600)
        assert during <= {f"{PAGE}/tcp"}
        assert scan("-sS", "-p-", "--min-rate", "1000") == {f"{PAGE}/tcp"}
        assert scan("-sU", "-p", "53,67,69,111,123,137,161,500,1900,5353,5355", "--min-rate", "20") <= {"5353/udp"}
        assert scan("-sS", "-p", "22,80,443") == set()
        new_machine.cut_power()
