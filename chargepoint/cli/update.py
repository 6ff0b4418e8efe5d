"""`chargepoint update`: installs a new system from a file, and tells which one runs and how the last update ended."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from chargepoint.cli.api import Api, Refused
from chargepoint.cli.exits import DONE, REFUSED, USAGE
from chargepoint.cli.paint import as_json, coloured, local_time, table
from chargepoint.errors import NoDaemon
from hw.errors import Fixable

Json = Mapping[str, Any]

LOOK_S = 0.5
KEEP_FREE_BYTES = 64 * 1024 * 1024
"""Of the disk, for the station's own database."""

COPIED_BYTES = 4 * 1024 * 1024

STEPS = {
    "Idle": "begins",
    "InstallScheduled": "waits",
    "Installing": "installing",
    "InstallRebooting": "installed; the machine restarts into the new system",
}

GONE = """\
The station has ended, for the restart into the new system.
`chargepoint update --status` tells afterwards whether that has proven itself and stays."""

SIMULATED = """\
This station's hardware is simulated: it only plays an update. Nothing is checked as a real station does, and nothing
from the file is installed, whatever is in it."""


def update(args: Namespace) -> int:
    if args.cancel:
        return _cancel(args)
    if args.file is None:
        if not args.status:
            print("chargepoint update: which file? Or ask for the --status.", file=sys.stderr)
            return USAGE
        return _show(args)
    _is_a_file(args.file)
    try:
        api = Api(args.state, args.config)
        told = api.get("update")
    except NoDaemon:
        return _without_daemon(args)
    if told["doing"]:
        raise Refused(f"another update is under way: {progress(told['doing'])}")
    if told.get("simulated"):
        print(SIMULATED, file=sys.stderr)
    return _through_daemon(args, api)


def _cancel(args: Namespace) -> int:
    told = Api(args.state, args.config).delete("update")
    print(as_json(told) if args.json else "The update is cancelled; nothing was installed.")
    return DONE


# --- how things stand -------------------------------------------------------------------------------------------------


def _show(args: Namespace) -> int:
    told = Api(args.state, args.config).get("update")
    print(as_json(told) if args.json else "\n".join(screen(told)))
    return DONE


def screen(told: Json) -> Iterator[str]:
    yield f"firmware  {told['firmware']}"
    if told["slots"]:
        yield ""
        yield table(("slot", "version", "", ""), [_slot_row(slot, told) for slot in told["slots"]])
    if told["trial"]:
        yield ""
        missing = told["trial"]["missing"]
        yield coloured(f"The system that runs is new and has to prove itself; still missing: {missing}", "yellow")
    if told["doing"]:
        yield ""
        yield progress(told["doing"])
    yield from _last(told["last"])
    if not told["possible"]:
        yield "This station cannot be updated by itself: it has neither RAUC nor an install_program in [firmware]."


def _slot_row(slot: Json, told: Json) -> tuple[str, ...]:
    runs = "runs" if slot["booted"] else "starts next" if slot["name"] == told["starts_next"] else ""
    version = slot["version"] or (told["firmware"] if slot["booted"] else "-")
    return slot["name"], version, "proven" if slot["good"] else "not proven", runs


def _last(last: Json | None) -> Iterator[str]:
    if not last:
        return
    at, version, why = local_time(last["at"]), last["version"], last["why"]
    yield ""
    match last["outcome"]:
        case "kept":
            yield f"Last update, {at}: {version} was installed, has proven itself and stays."
        case "left":
            name = version or "the new system"
            yield coloured(f"Last update, {at}: {name} did not prove itself and was left: {why}.", "red")
        case _:
            yield coloured(f"Last update, {at}: nothing was installed: {why}.", "red")


def progress(doing: Json) -> str:
    words = STEPS.get(doing["step"], str(doing["step"]))
    if doing["waits_for"]:
        evses = ", ".join(str(evse) for evse in doing["waits_for"])
        return f"waits until nobody charges (EVSE {evses}); --now does not wait"
    if doing["percent"] is not None:
        return f"{words}, {doing['percent']} %: {doing['words']}"
    return words


# --- the daemon does it -----------------------------------------------------------------------------------------------


def _through_daemon(args: Namespace, api: Api) -> int:
    _bring(args.file, args.state)
    told = api.post("update", body={"now": args.now})
    said = ""
    while True:
        doing = told["doing"]
        if doing is None:
            return _ended(told)
        line = json.dumps(doing) if args.json else progress(doing)
        if line != said:
            said = line
            print(line, flush=True)
        time.sleep(LOOK_S)
        try:
            told = Api(args.state, args.config).get("update")
        except NoDaemon:
            if doing["step"] not in ("Installing", "InstallRebooting"):
                raise
            if not args.json:
                print(GONE)
            return DONE


def _ended(told: Json) -> int:
    if told["failure"]:
        raise Refused(f"nothing was installed: {told['failure']}")
    return DONE


def _bring(file: Path, state: Path) -> None:
    """Into the state directory, where the daemon may read it and nobody else may change it."""
    place = state / "transfers" / "firmware.brought"
    fresh = place.with_name(f"{place.name}.new")
    try:
        with file.open("rb") as source, _gone_unless_whole(fresh):
            place.parent.mkdir(exist_ok=True)
            _own(place.parent, state)
            fresh.unlink(missing_ok=True)  # of one that was killed; its room is needed
            _there_is_room(os.fstat(source.fileno()).st_size, file, place.parent)
            with fresh.open("wb") as target:
                shutil.copyfileobj(source, target, COPIED_BYTES)
            _own(fresh, state)
            fresh.replace(place)
    except OSError as error:
        at = error.filename or file
        fix = "Say it as the administrator: sudo chargepoint update FILE." if _is_ours(at, state) else "Check its name."
        raise Fixable(f"{error.strerror}: {at}", where=str(file), fix=fix) from None


@contextmanager
def _gone_unless_whole(fresh: Path) -> Iterator[None]:
    """Half a copy would take the room that the next one needs: neither Ctrl-C, an end of the terminal nor a `kill`
    leaves it behind."""
    before = {each: signal.signal(each, _end) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _end(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _there_is_room(size: int, file: Path, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if size > free - KEEP_FREE_BYTES:
        fix = f"{size >> 20} MiB are needed, and {max(free - KEEP_FREE_BYTES, 0) >> 20} MiB are free."
        raise Fixable(f"there is no room for it in {folder}", where=str(file), fix=fix)


def _is_a_file(file: Path) -> None:
    """A device gives bytes without end, and a pipe may give none."""
    if file.exists() and not file.is_file():
        kind = "a directory" if file.is_dir() else "no regular file"
        raise Fixable(f"it is {kind}", where=str(file), fix="Name the bundle itself, a file.")


def _is_ours(path: object, state: Path) -> bool:
    return str(path).startswith(str(state))


def _own(path: Path, state: Path) -> None:
    """As the administrator: what is made belongs to the station's user."""
    if os.geteuid() == 0:
        owner = state.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


# --- nobody else does -------------------------------------------------------------------------------------------------


def _without_daemon(args: Namespace) -> int:
    """The station does not run, and nobody charges: straight to RAUC."""
    from chargepoint.config.file import examine
    from chargepoint.installing import InstallFailed
    from chargepoint.updating.installer import RaucInstaller
    from chargepoint.updating.rauc import Rauc

    config = examine(args.config)[0]
    program = config.update.rauc_program if config is not None else None
    machine = Rauc() if program is None else Rauc(str(program))
    installer = RaucInstaller(machine, machine.image_version(), _tell)
    print("The station does not run: installing without it.", file=sys.stderr)
    try:
        asyncio.run(installer.install(args.file.absolute()))
    except InstallFailed as failure:
        print(f"chargepoint: nothing was installed: {failure}", file=sys.stderr)
        return REFUSED
    print("installed; restart the machine to try it: sudo reboot")
    return DONE


def _tell(percent: int, words: str) -> None:
    print(f"installing, {percent} %: {words}", flush=True)
