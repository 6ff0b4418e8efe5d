"""A backup put on a storage card: of this station as a whole, of another one only what is nobody's own.

What the file says is checked before anything is written; what is written counts all at once (`provisioning.commit`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from chargepoint.backup.archive import PART, Backup, BadBackup
from chargepoint.backup.making import CONFIG, DATABASE, MEMORY, SECRET_SETTINGS, station_of, unbundled
from chargepoint.backup.sealing import WrongPassphrase, unseal
from chargepoint.core import catalogue as known
from chargepoint.provisioning.commit import commit
from chargepoint.store.database import Database
from chargepoint.store.memory import Memory
from chargepoint.store.snapshot import TABLES_VERSION, memory_of, prepared

OLD_DATABASE = ("chargepoint.db-wal", "chargepoint.db-shm")
OWN_SETTINGS = SECRET_SETTINGS | {known.SECURITY_PROFILE.name, known.IDENTITY.name}
"""Who a station is at its back office, and how it gets in: never another one's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`other`: the backup is another station's. `goes_on`: the station has not run since."""

    backup: Backup
    other: bool
    goes_on: bool
    secrets: Mapping[str, bytes]


def planned(
    backup: Backup, state: Path, config: Path, passphrase: str | None, *, other_station: bool, goes_on: bool
) -> Plan:
    """Everything that can be said before anything is changed. Raises BadBackup."""
    about, where = backup.about, "the backup"
    if int(about.get("tables", 0)) > TABLES_VERSION:
        what = f"version {about.get('program')} of this program has made it, which is newer"
        raise BadBackup(what, where=where, fix="Install that version here first.")
    theirs, ours = about["station"]["serial_number"], station_of(state, config)["serial_number"]
    other = bool(theirs and ours and theirs != ours)
    if other and not other_station:
        raise BadBackup(
            f"it is of station {theirs}, and this is {ours}",
            where=where,
            fix="Two stations with one identity would drive each other from the back office. With --other-station only "
            "cards and settings are taken over, not identity, credentials, history and configuration.",
        )
    if goes_on and about.get("running", True):
        fix = "Leave --resume out: what was owed then is kept as dead letters and not sent."
        raise BadBackup("the station ran when it was made, and may have sent since what it owed", where=where, fix=fix)
    secrets: dict[str, bytes] = {}
    if passphrase is not None and not other:
        secrets = _opened(backup, passphrase)
    return Plan(backup, other, goes_on, secrets)


def _opened(backup: Backup, passphrase: str) -> dict[str, bytes]:
    if backup.sealed is None:
        raise BadBackup("it holds no secrets", where="the backup", fix="Restore it without a passphrase.")
    try:
        opened = unbundled(unseal(backup.sealed, passphrase, backup.proven, backup.how))
    except WrongPassphrase:
        what = "the passphrase is not the one, or somebody has changed the backup"
        raise BadBackup(what, where="the backup", fix="Try again; without the passphrase secrets stay out.") from None
    except ValueError as error:
        raise BadBackup(f"its secrets cannot be opened: {error}", where="the backup", fix="Update first.") from None
    if odd := [name for name in opened if name != MEMORY and not PART.fullmatch(name)]:
        raise BadBackup(f"it holds {odd[0][:80]!r}", where="the backup", fix="Take another backup.")
    return opened


def restore(plan: Plan, state: Path, at: datetime) -> None:
    """All of this station's state, as one. Raises Fixable; OSError: the disk does not take it. Nothing changed then."""
    hidden = json.loads(plan.secrets.get(MEMORY, b"{}"))
    made_at, work = str(plan.backup.about["made_at"]), state / "restored.db.new"
    database = prepared(plan.backup.parts[DATABASE], hidden, made_at, at, goes_on=plan.goes_on, work=work)
    files = {"chargepoint.db": database}
    for name, content in {**plan.backup.parts, **plan.secrets}.items():
        if name.startswith("state/") and name != DATABASE:
            files[name.removeprefix("state/")] = content
    replaced = {f"certificates/{file.name}" for file in (state / "certificates").glob("*-*.pem")}
    commit(state, files, removed={*OLD_DATABASE, "alive", *replaced} - files.keys(), public=("factory.toml",))


def take_over(plan: Plan, state: Path) -> list[str]:
    """Of another station: cards and settings, in one commit of the database. Returns what was taken, in words."""
    told = memory_of(plan.backup.parts[DATABASE])
    cards: dict[str, Any] = {key: value for (space, key), value in told.items() if space == "cards" and value}
    stored = told.get(("settings", "stored")) or {}
    settings = {name: kept for name, kept in stored.items() if name not in OWN_SETTINGS}
    database = Database(state / "chargepoint.db", inline=True)
    try:
        memory = Memory(database)
        for source, listed in cards.items():
            memory.put("cards", source, listed)
        memory.put("settings", "stored", {**(memory.get("settings", "stored") or {}), **settings})
    finally:
        database.abandon()
    return [f"cards: {', '.join(sorted(cards)) or 'none'}", f"{len(settings)} settings"]


def configuration(plan: Plan) -> dict[str, tuple[bytes, bool]]:
    """Files beside the configuration file, by their path below its folder: content, and whether it is a secret."""
    if plan.other:
        return {}
    parts = {name: (content, False) for name, content in plan.backup.parts.items()}
    parts |= {name: (content, True) for name, content in plan.secrets.items()}
    return {name.removeprefix("config/"): told for name, told in parts.items() if name.startswith("config/")}


__all__ = ["CONFIG", "Plan", "configuration", "planned", "restore", "take_over"]
