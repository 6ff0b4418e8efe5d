"""Which ports of the machine others may reach: those of the configuration in force, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

SSH, MDNS = 22, 5353

SERVICE = """\
<?xml version="1.0" standalone="no"?>
<!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name replace-wildcards="yes">%h</name>
  <service>
    <type>_http._tcp</type>
    <port>{port}</port>
  </service>
</service-group>
"""
"""Tells the neighbours where the page is (RFC 6763)."""


@dataclass(frozen=True, slots=True)
class Open:
    """What is reachable from outside."""

    page: int | None = None
    login: bool = False

    def rules(self) -> str:
        """For nft: what the two sets of `station` (the image's nftables.conf) hold from now on."""
        tcp = [port for port in (self.page, SSH if self.login else None) if port is not None]
        udp = [MDNS] if self.page is not None else []
        return "".join(_elements(name, ports) for name, ports in (("open_tcp", tcp), ("open_udp", udp)))


def page_port(listen: str) -> int | None:
    """The port of the page where it is open to others; None for one that only the machine itself reaches."""
    parts = urlsplit(f"//{listen}")
    host, port = parts.hostname or "", parts.port
    if not port or host == "localhost":
        return None
    try:
        return None if ip_address(host).is_loopback else port
    except ValueError:
        return port


def _elements(name: str, ports: list[int]) -> str:
    flush = f"flush set inet station {name}\n"
    return flush + (f"add element inet station {name} {{ {', '.join(map(str, ports))} }}\n" if ports else "")
