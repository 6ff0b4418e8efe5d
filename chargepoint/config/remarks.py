"""What works in the configuration and is probably not wanted."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from chargepoint.config import EvseConfig
from chargepoint.config.mqttrules import readable_on_the_way
from chargepoint.config.rules import Draft, Rule
from chargepoint.config.supplyrules import unusable_while_dimmed
from hw.discovery import GUARD_PARTS, Mistake, guard_ports, is_hosted, signs

PASSWORD_LENGTHS = (16, 40)  # OCPP 1.6 security whitepaper and 2.0.1, A00.FR.205


def warnings(draft: Draft) -> Iterator[Mistake]:
    """Everything in `draft` that works and is probably not wanted."""
    for rule in WARNINGS:
        yield from rule(draft)


def simulated(draft: Draft) -> Iterator[Mistake]:
    for evse in filter(None, draft.evses):
        where = f"evse.{evse.id}"
        if evse.pilot.get("driver") == "mock":
            yield from _simulated(evse, where)
        if evse.meter is None:
            fix = "Add meter = { driver = … } if energy is to be billed."
            yield Mistake(where, "has no meter: every session shows 0 kWh", fix)


def _simulated(evse: EvseConfig, where: str) -> Iterator[Mistake]:
    if evse.contactor and evse.contactor.get("driver") != "mock":
        fix = "Connect no car. Add pilot = { driver = … } for real charging."
        yield Mistake(where, "a simulated car switches a real contactor", fix, "contactor")
    else:
        fix = "Add pilot = { driver = … } for a real outlet."
        yield Mistake(where, "runs on simulated hardware: no real car can charge", fix)


def unprotected(draft: Draft) -> Iterator[Mistake]:
    if draft.csms and draft.csms.security_profile == 0:
        fix = "Use it on a test bench only; security_profile = 2 is the usual choice."
        yield Mistake(
            "csms", "security_profile = 0 has no password: anyone can pose as this station", fix, "security_profile"
        )


def no_own_certificate(draft: Draft) -> Iterator[Mistake]:
    if draft.csms and draft.csms.security_profile == 3 and draft.csms.certificate_file is None:
        what = "security_profile = 3 without certificate_file works only once the back office has installed one"
        fix = "Add certificate_file and key_file, or begin with security_profile = 2."
        yield Mistake("csms", what, fix, "security_profile")


def loose_files(draft: Draft) -> Iterator[Mistake]:
    tables = {"csms": draft.csms, "web": draft.web, "mqtt": draft.mqtt, "network": draft.network}
    for where, table in tables.items():
        for key in ("password_file", "key_file", "proxy_password_file"):
            path = getattr(table, key, None)
            if path and _mode(path) & (stat.S_IWGRP | stat.S_IRWXO) and _may_enter(path.parent):
                what = f'{key} = "{path}" is open to other users of this machine'
                yield Mistake(where, what, f"Close it: sudo chmod 640 {path}", key)


def password_length(draft: Draft) -> Iterator[Mistake]:
    path = draft.csms.password_file if draft.csms else None
    length = len(_content(path).strip()) if path else 0
    least, most = PASSWORD_LENGTHS
    if length and not least <= length <= most:
        what = f"the password in {path} has {length} characters"
        fix = f"OCPP asks for {least} to {most}; a strict back office refuses others."
        yield Mistake("csms", what, fix, "password_file")


def _mode(path: Path) -> int:
    """Permission bits of an ordinary file; 0 where there is none to look at (a mistake, told elsewhere)."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return 0
    return found.st_mode if stat.S_ISREG(found.st_mode) else 0


def _may_enter(folder: Path) -> bool:
    """Can other users get at what is in `folder` at all?"""
    try:
        return bool(folder.stat().st_mode & stat.S_IXOTH)
    except (OSError, ValueError):
        return False


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError):
        return b""


def nobody_can_start(draft: Draft) -> Iterator[Mistake]:
    if draft.access and draft.access.mode == "local" and not draft.has_card_reader:
        fix = "Add a [[card_reader]], or start each session with `chargepoint start`."
        yield Mistake("access", 'mode = "local" knows drivers by their cards, and there is no card reader', fix, "mode")


def lock_without_socket(draft: Draft) -> Iterator[Mistake]:
    for evse in filter(None, draft.evses):
        if evse.outlet == "cable" and evse.lock:
            fix = 'Take lock away, or write outlet = "socket".'
            yield Mistake(f"evse.{evse.id}", 'has a lock, and outlet = "cable" has no plug to hold', fix, "lock")


def unsigned(draft: Draft) -> Iterator[Mistake]:
    """The guard reads, and has no time to sign: the daemon asks a meter to do that."""
    tables = [{part: getattr(evse, part, None) for part in GUARD_PARTS} for evse in filter(None, draft.evses)]
    ports = guard_ports(tables)
    for evse in filter(None, draft.evses):
        if evse.meter and is_hosted(evse.meter, ports) and signs(evse.meter):
            what = f'signs nothing on "{evse.meter.get("port")}", which is the guard\'s'
            yield Mistake(f"evse.{evse.id}.meter", what, "Give a meter that signs a port of its own.", "port")


WARNINGS: tuple[Rule, ...] = (
    simulated, unprotected, no_own_certificate, loose_files, password_length, nobody_can_start, lock_without_socket,
    unsigned, unusable_while_dimmed, readable_on_the_way,
)  # fmt: skip
