"""How this machine reaches the world: the interface that its traffic takes, Wi-Fi's or the modem's signal, idle lines.

Only the kernel's files and ModemManager are asked; nothing leaves the machine.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from chargepoint.modem import Ask, Modem, NoModem, look
from hw.doctor import Finding, Findings, failed, ok

WAY, MODEM, PING = "csms.way", "csms.modem", "csms.ping"
PROVES = {
    WAY: "this machine has a way out",
    MODEM: "mobile modem is connected",
    PING: "an idle connection is kept alive",
}

WEAK_DBM = -75.0
"""Wi-Fi below this loses packets as soon as a car or a person stands in between."""

LONGEST_IDLE_S = 240
"""Mobile networks forget a connection that has said nothing for five minutes, some for less."""

WEAK = " (weak: move the aerial or the access point)"

UP = 0x1
LOCKED = 'It wants its PIN: mmcli -i any --pin=1234, or take the PIN off the card; docs/connectivity.md, "Mobile".'
NO_NETWORK = "Is the aerial screwed on? Is there a network here? Try another place, or another operator's card."
MODEM_REMEDIES = {
    "sim-missing": "Is the card in, the right way round, and pushed in until it clicks?",
    "locked": LOCKED,
    "searching": NO_NETWORK,
    "enabled": NO_NETWORK,
    "registered": "It is in the network, without a connection: check the name of the access point (APN).",
}
OTHER_MODEM_REMEDY = "mmcli -m any says more; is there a connection for it? `nmcli device` lists them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """This machine's, or one that a test has made up."""

    ask_modem: Ask | None = None  # None: ModemManager is not installed
    ping_s: float = 0.0  # WebSocketPingInterval; 0: no pings
    root: Path = Path("/")

    async def steps(self) -> Findings:
        interface = self.default_interface()
        if interface is None:
            seen = f"no default route; {self._interfaces() or 'no interface at all'}"
            fix = "Is the cable plugged in, Wi-Fi joined, the modem connected? `ip address` shows what is there."
            yield failed(WAY, PROVES[WAY], seen, fix)
        else:
            yield ok(WAY, PROVES[WAY], self.described(interface))
        mobile = interface is not None and self._kind(interface) == "mobile"
        if self.ask_modem is not None:
            yield await self._modem(self.ask_modem, needed=mobile or interface is None)
        if mobile:
            yield self._pings()

    def default_interface(self) -> str | None:
        """The one with the least metric that leads everywhere (IPv4, else IPv6)."""
        return min(self._ipv4_routes() or self._ipv6_routes(), default=(0, None))[1]

    def _ipv4_routes(self) -> list[tuple[int, str]]:
        """(metric, interface) of those that lead everywhere and are up."""
        rows = [line.split() for line in self._lines("proc/net/route")[1:]]
        everywhere = [row for row in rows if len(row) > 7 and row[1] == row[7] == "00000000"]
        return [(int(row[6]), row[0]) for row in everywhere if int(row[3], 16) & UP]

    def _ipv6_routes(self) -> list[tuple[int, str]]:
        rows = [line.split() for line in self._lines("proc/net/ipv6_route")]
        everywhere = [row for row in rows if len(row) > 9 and row[0] == "0" * 32 and row[1] == "00"]
        return [(int(row[5], 16), row[9]) for row in everywhere if row[9] != "lo"]

    def described(self, interface: str) -> str:
        """Such as "wlan0, Wi-Fi, -61 dBm, 192.168.1.5"."""
        kind = self._kind(interface)
        facts = [interface, {"wifi": "Wi-Fi", "mobile": "mobile", "wired": "wired"}[kind]]
        if kind == "wifi" and (dbm := self._wifi_dbm(interface)) is not None:
            facts.append(f"{dbm:.0f} dBm{WEAK if dbm < WEAK_DBM else ''}")
        if kind == "wired" and (speed := self._text(f"sys/class/net/{interface}/speed")).isdecimal():
            facts.append(f"{speed} Mbit/s")
        if address := _address_of(interface):
            facts.append(address)
        return ", ".join(facts)

    async def _modem(self, ask: Ask, *, needed: bool) -> Finding:
        try:
            modem = await look(ask)
        except NoModem as none:
            if not needed:
                return ok(MODEM, PROVES[MODEM], f"{none}; the way out is another one")
            return failed(MODEM, PROVES[MODEM], str(none), "systemctl status ModemManager; is the modem plugged in?")
        if modem.state == "connected" or not needed:
            return ok(MODEM, PROVES[MODEM], _told(modem))
        remedy = MODEM_REMEDIES.get(modem.why) or MODEM_REMEDIES.get(modem.state, OTHER_MODEM_REMEDY)
        return failed(MODEM, PROVES[MODEM], _told(modem), remedy)

    def _pings(self) -> Finding:
        if 0 < self.ping_s <= LONGEST_IDLE_S:
            return ok(PING, PROVES[PING], f"WebSocketPingInterval = {self.ping_s:.0f} s")
        seen = f"WebSocketPingInterval = {self.ping_s:.0f}: mobile networks drop what is idle, and tell nobody"
        fix = f"Have the back office set it to {LONGEST_IDLE_S} or less, or write it under [settings]."
        return failed(PING, PROVES[PING], seen, fix)

    def _kind(self, interface: str) -> str:
        folder = self.root / "sys/class/net" / interface
        if (folder / "wireless").exists() or (folder / "phy80211").exists():
            return "wifi"
        if "DEVTYPE=wwan" in self._text(f"sys/class/net/{interface}/uevent") or interface.startswith(("ww", "ppp")):
            return "mobile"
        return "wired"

    def _wifi_dbm(self, interface: str) -> float | None:
        for line in self._lines("proc/net/wireless"):
            name, _, values = line.strip().partition(":")
            words = values.split()
            if name == interface and len(words) > 2:
                return float(words[2].rstrip("."))
        return None

    def _interfaces(self) -> str:
        folder = self.root / "sys/class/net"
        names = sorted(path.name for path in folder.glob("*") if path.name != "lo")
        return ", ".join(f"{name} {self._text(f'sys/class/net/{name}/operstate') or '?'}" for name in names)

    def _lines(self, path: str) -> list[str]:
        return self._text(path).splitlines()

    def _text(self, path: str) -> str:
        try:
            return (self.root / path).read_text().strip()
        except OSError:  # a link that is down has no speed
            return ""


def _told(modem: Modem) -> str:
    signal = f"signal {modem.signal:.0%}" if modem.signal is not None else ""
    return ", ".join(filter(None, (modem.state, modem.why, modem.operator, modem.technology, signal)))


def _address_of(interface: str) -> str:
    """Its IPv4 address, asked of the kernel; "" where it has none."""
    import fcntl

    request = struct.pack("256s", interface.encode()[:15])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            return socket.inet_ntoa(fcntl.ioctl(asked.fileno(), 0x8915, request)[20:24])  # SIOCGIFADDR
        except OSError:
            return ""
