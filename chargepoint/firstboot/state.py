"""What there is to tell of a station as it now is, and what follows from it for the machine around it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.config.file import examine
from chargepoint.errors import ConfigMistakes
from chargepoint.firstboot.arrivals import CONFIGURATION, LOGIN_KEYS
from chargepoint.firstboot.hostname import host_name
from chargepoint.firstboot.places import Places
from chargepoint.firstboot.ports import SERVICE, Open, page_port
from chargepoint.firstboot.wording import Station
from chargepoint.security.wholefile import write_whole

if TYPE_CHECKING:
    from chargepoint.config import Config

INTERFACES = Path("/sys/class/net")
HOSTS = "127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost ip6-localhost\n"


def look(places: Places) -> Station:
    """The station as its configuration in force says; as good as nothing where there is none."""
    config = _config(places)
    login = (places.login / LOGIN_KEYS).exists()
    if config is None:
        return Station(host_name=_kept_name(places), login=login, interfaces=_interfaces())
    name = config.station
    host = _name(places, config)
    port = page_port(config.web.listen) if config.web else None
    return Station(
        nameplate=f"{name.vendor} {name.model}, serial number {name.serial_number}",
        back_office=f"{config.csms.identity} at {config.csms.url}" if config.csms else "",
        host_name=host,
        page=f"http://{host}.local:{port}/" if port else "",
        page_port=port,
        login=login,
        interfaces=_interfaces(),
    )


def arrange(places: Places, station: Station, system: Path) -> None:
    """Name, firewall and announcement of the page as the configuration in force wants them. `system`: /etc."""
    if station.host_name:
        write_whole(places.identity / "hostname", f"{station.host_name}\n".encode(), 0o644)
        (system / "hostname").write_text(f"{station.host_name}\n")  # NetworkManager sets the name once more, from there
        (system / "hosts").write_text(HOSTS.format(name=station.host_name))
        socket.sethostname(station.host_name)
    announcements = system / "avahi" / "services"
    places.run.mkdir(parents=True, exist_ok=True)
    (places.run / "ports.nft").write_text(Open(page=station.page_port, login=station.login).rules())
    (places.run / "page").unlink(missing_ok=True)
    if station.page_port is not None:
        (places.run / "page").touch()
        announcements.mkdir(parents=True, exist_ok=True)
        (announcements / "chargepoint.service").write_text(SERVICE.format(port=station.page_port))


def _config(places: Places) -> Config | None:
    from chargepoint.config.factory import factory_of

    try:
        return examine(places.config, factory_of(places.state))[0]
    except ConfigMistakes:
        return None


def _name(places: Places, config: Config) -> str:
    """From the maker's file or an installer's; the example's serial number is that of many."""
    told = (places.state / "factory.toml").exists() or _was_told(places)
    return (host_name(config.station.serial_number) if told else "") or _kept_name(places)


def _was_told(places: Places) -> bool:
    return places.memory.exists() and CONFIGURATION in places.memory.read_text()


def _kept_name(places: Places) -> str:
    try:
        return (places.identity / "hostname").read_text().strip()
    except OSError:
        return socket.gethostname()


def _interfaces() -> tuple[tuple[str, str], ...]:
    try:
        names = sorted(name for name in os.listdir(INTERFACES) if (INTERFACES / name / "device").exists())
        return tuple((name, (INTERFACES / name / "address").read_text().strip()) for name in names)
    except OSError:
        return ()
