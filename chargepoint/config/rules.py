"""What must fit together in the configuration, beyond each option by itself.

Rules see a draft in which a table with mistakes of its own may be missing or hold only its good values, so that one
report can name everything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chargepoint.config import (
    AccessConfig,
    CsmsConfig,
    EvseConfig,
    MqttConfig,
    NetworkConfig,
    StationConfig,
    SupplyConfig,
    WebConfig,
)
from chargepoint.config.csms import UNKNOWN, address, identity, profile, versions
from chargepoint.config.mqttrules import broker
from chargepoint.config.networkrules import proxy
from chargepoint.config.supplyrules import LEAST_A, building, supply
from hw.discovery import Mistake

NAME_LENGTHS = {  # OCPP 1.6 and 2.0.1, BootNotification
    "vendor": {"1.6": 20, "2.0.1": 50},
    "model": {"1.6": 20, "2.0.1": 20},
    "serial_number": {"1.6": 25, "2.0.1": 25},
    "firmware_version": {"1.6": 50, "2.0.1": 50},
}
PAGE_PASSWORD = 8  # characters at least, where others can reach the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The file as far as it could be read. `csms` and `web` are also None where the file has no such table."""

    station: StationConfig | None
    supply: SupplyConfig | None
    csms: CsmsConfig | None
    has_csms: bool
    access: AccessConfig | None
    evses: tuple[EvseConfig | None, ...]
    has_evse: bool
    has_card_reader: bool
    has_main_meter: bool
    web: WebConfig | None
    mqtt: MqttConfig | None
    network: NetworkConfig


Rule = Callable[[Draft], Iterator[Mistake]]


def mistakes(draft: Draft) -> Iterator[Mistake]:
    """Everything in `draft` that cannot work."""
    for rule in MISTAKES:
        yield from rule(draft)


# --- the station ------------------------------------------------------------------------------------------------------


def names(draft: Draft) -> Iterator[Mistake]:
    versions = draft.csms.versions if draft.csms else ("2.0.1",)
    for key, lengths in NAME_LENGTHS.items():
        value = getattr(draft.station, key, UNKNOWN)
        version = min(versions, key=lambda v: lengths[v], default="2.0.1")
        if not value.strip() and key != "firmware_version":
            yield Mistake("station", f"{key} is empty", "Write what the nameplate says.", key)
        elif len(value) > lengths[version]:
            what = f'{key} = "{value}" has {len(value)} characters'
            yield Mistake("station", what, f"OCPP {version} has room for {lengths[version]}: shorten it.", key)


def evses_and_supply(draft: Draft) -> Iterator[Mistake]:
    if not draft.evses and not draft.has_evse:
        yield Mistake("", "no [[evse]] table", "Add one [[evse]] for each charging outlet.")
    for evse in draft.evses:
        if evse and draft.supply:
            yield from _evse_and_supply(evse, draft.supply)


def _evse_and_supply(evse: EvseConfig, supply: SupplyConfig) -> Iterator[Mistake]:
    where = f"evse.{evse.id}"
    if LEAST_A <= supply.max_current_a < evse.max_current_a:
        what = f"max_current_a = {evse.max_current_a:g} is more than the whole supply has ({supply.max_current_a:g})"
        fix = f"Write max_current_a = {supply.max_current_a:g} or less here, or correct max_current_a in [supply]."
        yield Mistake(where, what, fix, "max_current_a")
    if evse.phases > supply.phases:
        what = f"phases = {evse.phases} is more than the supply has ({supply.phases})"
        yield Mistake(where, what, "Write phases = 1 here, or correct phases in [supply].", "phases")


def fallbacks(draft: Draft) -> Iterator[Mistake]:
    for evse in filter(None, draft.evses):
        if 0 < evse.fallback_a < LEAST_A or evse.fallback_a > evse.max_current_a:
            fix = f"Allowed: 0, or 6 to this EVSE's max_current_a ({evse.max_current_a:g})."
            yield Mistake(f"evse.{evse.id}", f"fallback_a = {evse.fallback_a:g} is out of range", fix, "fallback_a")


def phase_switching(draft: Draft) -> Iterator[Mistake]:
    """The guard says the same of its own copy of the table (hw.guard.config)."""
    for evse in filter(None, draft.evses):
        where, key = f"evse.{evse.id}", "phase_switching"
        if evse.phase_switching and evse.phase_contactor is None:
            fix = 'Add phase_contactor = { driver = "…" }.'
            yield Mistake(where, "phase_switching = true needs a second contactor", fix, key)
        if evse.phase_switching and evse.phases == 1:
            fix = "Write phases = 3, or take it away."
            yield Mistake(where, "phase_switching = true makes no sense with one phase", fix, key)


# --- secrets, access, page ----------------------------------------------------------------------------------------


def secrets(draft: Draft) -> Iterator[Mistake]:
    for key in ("password_file", "ca_file", "certificate_file", "key_file"):
        path = getattr(draft.csms, key, None)
        if path:
            yield from _readable("csms", key, path)
    if draft.web and draft.web.password_file:
        yield from _readable("web", "password_file", draft.web.password_file)
    for key in ("password_file", "ca_file"):
        if path := getattr(draft.mqtt, key, None):
            yield from _readable("mqtt", key, path)
    if path := draft.network.proxy_password_file:
        yield from _readable("network", "proxy_password_file", path)


def _readable(where: str, key: str, path: Path) -> Iterator[Mistake]:
    what = f'{key} = "{path}"'
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        yield Mistake(where, f"{what} does not exist", "Create the file, or correct the path.", key)
    except PermissionError:
        fix = f"Run as another user, or give this one the right to read it: sudo chown {_user()} {path}"
        yield Mistake(where, f"{what} cannot be read by user {_user()}", fix, key)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        why = getattr(error, "strerror", None) or error
        yield Mistake(where, f"{what} cannot be read: {why}", "Correct the path.", key)
    else:
        if not content.strip():
            yield Mistake(where, f"{what} is empty", "Put the secret into it, or correct the path.", key)


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def access(draft: Draft) -> Iterator[Mistake]:
    if draft.access and draft.access.mode == "ocpp" and not draft.has_csms:
        fix = 'Add the [csms] table, or write mode = "local" or mode = "free".'
        yield Mistake("access", 'mode = "ocpp" asks a back office, and there is no [csms]', fix, "mode")


def listen(draft: Draft) -> Iterator[Mistake]:
    if draft.web is None:
        return
    what, host = f'listen = "{draft.web.listen}"', _host(draft.web.listen)
    if host is None:
        fix = 'Write address:port, for example "127.0.0.1:8080"; port 0 picks a free one.'
        yield Mistake("web", f"{what} is not address:port", fix, "listen")
    elif not _is_loopback(host) and draft.web.password_file:
        yield from _page_password(draft.web.password_file)


def _host(listen: str) -> str | None:
    """The address of "address:port"; None if it is not that."""
    try:
        parts = urlsplit(f"//{listen}")
        return parts.hostname if parts.port is not None and parts.netloc == listen else None
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    import ipaddress  # only a station with a page pays for it

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _page_password(path: Path) -> Iterator[Mistake]:
    try:
        length = len(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return  # told elsewhere
    if 0 < length < PAGE_PASSWORD:
        what = f"the page's password in {path} has {length} characters"
        yield Mistake("web", what, f"Choose one of {PAGE_PASSWORD} or more.", "password_file")


MISTAKES: tuple[Rule, ...] = (
    names, supply, building, evses_and_supply, fallbacks, phase_switching, address, identity, versions, profile,
    secrets, access, listen, broker, proxy,
)  # fmt: skip
