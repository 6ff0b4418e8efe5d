"""One start of a station: what lies on the boot partition is checked, put into force or refused, and reported."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

from chargepoint.config.file import examine
from chargepoint.errors import ConfigMistakes, Finding
from chargepoint.firstboot.arrivals import CONFIGURATION, KINDS, LOGIN_KEYS, Arrival, arrivals
from chargepoint.firstboot.exchange import Exchange
from chargepoint.firstboot.partition import Partition
from chargepoint.firstboot.places import Places
from chargepoint.firstboot.state import look
from chargepoint.firstboot.wording import Report, Trouble, text
from chargepoint.security.wholefile import write_whole

log = logging.getLogger("chargepoint")

SECRET_MODE, OPEN_MODE = 0o600, 0o644


def take_over(places: Places, partition: Partition) -> Report | None:
    """Everything that a start does with the boot partition; None where there is none to look at.

    Whatever is wrong there, the configuration in force stays in force, and the station starts.
    """
    exchange = Exchange(places.undo)
    try:
        if exchange.undo():
            log.warning("the power went while files were being taken over: starting over")
    except (OSError, ValueError) as error:  # a full or failing disk: no reason to stay dark
        log.warning("what was being taken over when the power went cannot be taken back: %s", error)
        return None
    if not partition.is_there:
        log.warning("%s cannot be read: the station starts with what it was told before", places.boot)
        return None
    found, troubles = arrivals(places)
    _shut_out(places, found, troubles)
    report = replace(_take(places, exchange, found, troubles), station=look(places))
    if not report.refused:
        kept = [kind.name for kind in KINDS if kind.secret and kind.name in _known(places)]
        report = replace(report, kept=kept, taken=[each.file.name for each in found if not each.kind.secret])
    _tell(places, partition, report, found)
    return report


def _tell(places: Places, partition: Partition, report: Report, found: list[Arrival]) -> None:
    """The report, and no secret beside it that is in force already. Nothing is written that is there."""
    secrets = [] if report.refused else [each.file for each in found if each.kind.secret]
    secrets += partition.half_removed()
    content = text(report).encode()
    if not secrets and partition.says(places.report, content):
        return
    with partition.writable():
        for file in secrets:
            partition.wipe(file)
        partition.write(places.report, content)


def _take(places: Places, exchange: Exchange, found: list[Arrival], troubles: list[Trouble]) -> Report:
    known = _known(places)
    news = [arrival for arrival in found if known.get(arrival.kind.name) != arrival.digest]
    missing = CONFIGURATION not in {*known, *_kinds(found)}
    report = Report(missing=missing, news=bool(news or troubles))
    if troubles:
        return replace(report, troubles=[str(trouble) for trouble in troubles])
    if not news:
        return replace(report, findings=_check(places) if found else ())
    try:
        files = {_home(places, arrival): arrival.kept() for arrival in reversed(news)}  # the configuration last
    except Trouble as trouble:
        return replace(report, troubles=[str(trouble)])
    return _exchange(places, exchange, files, news, report)


def _exchange(
    places: Places, exchange: Exchange, files: dict[Path, bytes], news: list[Arrival], report: Report
) -> Report:
    modes = {_home(places, each): SECRET_MODE if each.kind.secret else OPEN_MODE for each in news}
    digests = _known(places) | {arrival.kind.name: arrival.digest for arrival in news}
    files = {**files, places.memory: json.dumps(digests).encode()}  # goes back with them, if they do
    modes[places.memory] = SECRET_MODE
    try:
        exchange.begin(files, modes)
        findings = _check(places)
        if any(not finding.warning for finding in findings):
            exchange.undo()
            return replace(report, findings=findings)
        exchange.settle()
    except OSError as error:
        exchange.undo()
        trouble = Trouble(
            "the station's own disk", f"takes no files: {error.strerror}", "Look for room, or a new card."
        )
        return replace(report, troubles=[str(trouble)])
    return replace(report, findings=findings)


def _check(places: Places) -> list[Finding]:
    """What `chargepoint check` would say of the file now in force."""
    from chargepoint.config.factory import factory_of

    try:
        return examine(places.config, factory_of(places.state))[1]
    except ConfigMistakes as damaged:  # the maker's own file: nothing an installer could mend
        return list(damaged.findings)


def _home(places: Places, arrival: Arrival) -> Path:
    folder: Path = getattr(places, arrival.kind.folder)
    return folder / (arrival.kind.kept_as or arrival.kind.name)


def _kinds(found: list[Arrival]) -> set[str]:
    return {arrival.kind.name for arrival in found}


def _known(places: Places) -> dict[str, str]:
    """Name -> digest of what was taken over; nothing where that cannot be read, and then all is new."""
    try:
        known = json.loads(places.memory.read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in known.items()} if isinstance(known, dict) else {}


def _shut_out(places: Places, found: list[Arrival], troubles: list[Trouble]) -> None:
    """Whoever removes `authorized_keys` from the card switches SSH off; a card hard to read switches nothing."""
    keys = places.login / LOGIN_KEYS
    if not troubles and LOGIN_KEYS not in _kinds(found) and keys.exists():
        keys.unlink()
        known = _known(places)
        known.pop(LOGIN_KEYS, None)
        write_whole(places.memory, json.dumps(known).encode())
