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

from chargepoint.config import AccessConfig, CsmsConfig, EvseConfig, StationConfig, SupplyConfig, WebConfig
from hw.discovery import Mistake

LEAST_A = 6.0
"""The least a control pilot can offer (IEC 61851-1 annex A): less is nothing."""

NAME_LENGTHS = {  # OCPP 1.6 and 2.0.1, BootNotification
    "vendor": {"1.6": 20, "2.0.1": 50},
    "model": {"1.6": 20, "2.0.1": 20},
    "serial_number": {"1.6": 25, "2.0.1": 25},
    "firmware_version": {"1.6": 50, "2.0.1": 50},
}
IDENTITY_LENGTH = 48  # OCPP 2.0.1 part 4: identifierString[48]
PAGE_PASSWORD = 8  # characters at least, where others can reach the page
UNKNOWN = "?"
"""Stands in a draft for a needed text that the file does not have, or has wrongly; rules pass over it."""


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
    web: WebConfig | None


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


def supply(draft: Draft) -> Iterator[Mistake]:
    if draft.supply and 0 < draft.supply.max_current_a < LEAST_A:
        what = f"max_current_a = {draft.supply.max_current_a:g} lets no car charge"
        yield Mistake("supply", what, "Allowed: 6 or more, or 0 for no limit in front of the EVSEs.", "max_current_a")
    if draft.supply and 0 < draft.supply.external_limit_a < LEAST_A:
        what = f"external_limit_a = {draft.supply.external_limit_a:g} lets no car charge"
        yield Mistake("supply", what, "Allowed: 6 or more, or 0 to pause on purpose.", "external_limit_a")


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


# --- back office, access, page ----------------------------------------------------------------------------------------


def address(draft: Draft) -> Iterator[Mistake]:
    if draft.csms is None or draft.csms.url == UNKNOWN:
        return
    url, what = draft.csms.url, f'url = "{draft.csms.url}"'
    scheme, host, clean = _parts(url)
    if url.split() != [url]:
        yield Mistake("csms", "url has blanks or line breaks in it", "Write the address in one piece.", "url")
    elif scheme not in ("ws", "wss"):
        secure = "ws" if scheme == "http" else "wss"
        rest = url.split("://", 1)[-1]
        yield Mistake("csms", f"{what} is not a WebSocket address", f'Write "{secure}://{rest}".', "url")
    elif not host:
        yield Mistake("csms", f"{what} names no server", 'Write "wss://server/path".', "url")
    elif not clean:
        fix = "Take user, password, ? and # out of it: identity and password_file hold the first two."
        yield Mistake("csms", "url holds more than server and path", fix, "url")
    elif url.rstrip("/").endswith(f"/{draft.csms.identity}") and draft.csms.identity:
        fix = "Take it away: the station adds it by itself."
        yield Mistake("csms", f"{what} ends with the identity", fix, "url")


def _parts(url: str) -> tuple[str, str, bool]:
    """Scheme, host, and whether there is nothing else but port and path."""
    try:
        split = urlsplit(url)
        _ = split.port  # ValueError for a port that is no number
    except ValueError:
        return url.partition(":")[0].lower(), "", True
    clean = not (split.query or split.fragment or split.username or split.password)
    return split.scheme if "://" in url else "", split.hostname or "", clean


def identity(draft: Draft) -> Iterator[Mistake]:
    if draft.csms is None or draft.csms.identity == UNKNOWN:
        return
    name = draft.csms.identity
    if not name:
        yield Mistake("csms", "identity is empty", "Ask the back office for this station's name.", "identity")
    odd = sorted({letter for letter in name if letter in ":/?#%" or letter.isspace() or not letter.isprintable()})
    if odd:
        what = f'identity = "{name}" has {" and ".join(repr(letter) for letter in odd)} in it'
        yield Mistake(
            "csms",
            what,
            "It is part of a web address and a user name: use letters, digits and - _ . @ only.",
            "identity",
        )
    if len(name) > IDENTITY_LENGTH:
        what = f'identity = "{name}" has {len(name)} characters'
        yield Mistake("csms", what, f"OCPP has room for {IDENTITY_LENGTH}: ask the back office.", "identity")


def versions(draft: Draft) -> Iterator[Mistake]:
    if draft.csms and not draft.csms.versions:
        yield Mistake("csms", "versions is empty", 'Write versions = ["2.0.1", "1.6"], or leave it out.', "versions")


def profile(draft: Draft) -> Iterator[Mistake]:
    """A security profile never falls silently: what the address says and what the profile says must agree."""
    if draft.csms is None:
        return
    number, scheme = draft.csms.security_profile, _parts(draft.csms.url)[0]
    if number == 2 and scheme == "ws":
        fix = "Write wss:// in url; or security_profile = 1 for a line that is private anyway."
        yield Mistake(
            "csms", "security_profile = 2 needs encryption, and url begins with ws://", fix, "security_profile"
        )
    if number == 1 and scheme == "wss":
        fix = "Write security_profile = 2."
        yield Mistake("csms", "security_profile = 1 is without encryption, and url begins with wss://", fix, "url")
    if number in (1, 2) and draft.csms.password_file is None:
        what = f"security_profile = {number} needs a password_file"
        fix = 'Put the back office\'s password into a file and add password_file = "/path/to/it".'
        yield Mistake("csms", what, fix, "password_file")


def secrets(draft: Draft) -> Iterator[Mistake]:
    if draft.csms and draft.csms.password_file:
        yield from _readable("csms", "password_file", draft.csms.password_file)
    if draft.csms and draft.csms.ca_file:
        yield from _readable("csms", "ca_file", draft.csms.ca_file)
    if draft.web and draft.web.password_file:
        yield from _readable("web", "password_file", draft.web.password_file)


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
    elif not _is_loopback(host) and draft.web.password_file is None:
        fix = 'Add password_file = "/path/to/it", or write listen = "127.0.0.1:8080".'
        yield Mistake("web", f"{what} lets others reach the page without a password", fix, "listen")
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
    names, supply, evses_and_supply, fallbacks, phase_switching, address, identity, versions, profile, secrets, access,
    listen,
)  # fmt: skip
