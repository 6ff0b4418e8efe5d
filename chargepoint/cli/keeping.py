"""`backup`, `restore` and `factory-reset`: the station in a file, out of it, and without its owner."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from chargepoint.cli.alone import alone, unwritable
from chargepoint.cli.exits import DONE, REFUSED
from chargepoint.errors import StateInUse
from hw.errors import Fixable

ERASE = "erase"


def backup(args: Namespace) -> int:
    """Running or not."""
    from chargepoint.backup.making import made
    from chargepoint.security.wholefile import write_whole

    _has_a_place(args.file)
    if not (args.state / "chargepoint.db").exists():
        raise Fixable("no station has run here", where=str(args.state), fix="Name its directory with --state.")
    passphrase = _passphrase(args.passphrase_file, twice=True) if args.with_secrets else None
    try:
        with alone(args.state):
            content, left_out = made(args.state, args.config, datetime.now(UTC), passphrase, running=False)
    except StateInUse:
        content, left_out = made(args.state, args.config, datetime.now(UTC), passphrase, running=True)
    try:
        write_whole(args.file.absolute(), content)
    except OSError as error:
        raise unwritable(error, args.file) from None
    for sentence in left_out:
        print(f"chargepoint: {sentence}.", file=sys.stderr)
    secrets = "with secrets, sealed" if passphrase is not None else "without secrets: passwords and keys stay here"
    print(f"{args.file}: {len(content) / 1024:.0f} KiB, {secrets}.")
    return DONE


def _has_a_place(file: Path) -> None:
    """No folder is made for it: where a stick is not mounted, that would be on the card that is to be outlived."""
    if file.exists():
        raise Fixable("there is a file of that name", where=str(file), fix="Name another one, or move it away.")
    folder = file.absolute().parent
    if not folder.is_dir():
        fix = "Is the stick mounted? Else make the folder first: mkdir -p."
        raise Fixable(f"there is no folder {folder}", where=str(file), fix=fix)


def restore(args: Namespace) -> int:
    """On a new card, while no daemon runs."""
    from chargepoint.backup.archive import read
    from chargepoint.backup.restoring import configuration, planned, take_over
    from chargepoint.backup.restoring import restore as put_back
    from chargepoint.provisioning.owner import as_owner_of

    content = read(args.file)
    _not_made_of_secrets(content.sealed is not None, args)
    passphrase = _passphrase(args.passphrase_file, twice=False) if args.with_secrets else None
    args.state.mkdir(parents=True, exist_ok=True)
    with alone(args.state):
        plan = planned(
            content, args.state, args.config, passphrase, other_station=args.other_station, goes_on=args.resume
        )
        try:
            with as_owner_of(args.state):
                if plan.other:
                    taken = take_over(plan, args.state)
                else:
                    put_back(plan, args.state, datetime.now(UTC))
                    taken = []
            written = _put_configuration(configuration(plan), args.config)
        except OSError as error:
            raise unwritable(error, args.state) from None
    for line in taken:
        print(f"taken over: {line}")
    for file in written:
        print(f"written: {file}")
    print("Restored. Start it: sudo systemctl start chargepoint.")
    if not plan.other:
        print("The old card must not run any more: two stations with one identity drive each other out.")
    return DONE


def _not_made_of_secrets(sealed: bool, args: Namespace) -> None:
    if sealed and not args.with_secrets:
        print("chargepoint: its secrets stay sealed; --with-secrets opens them.", file=sys.stderr)


def _put_configuration(files: dict[str, tuple[bytes, bool]], config: Path) -> list[Path]:
    """Beside what is there, which is kept as `….before`; the file itself under the name of --config."""
    from chargepoint.security.wholefile import write_whole

    written = []
    for name, (content, secret) in files.items():
        place = config if name == "chargepoint.toml" else config.parent / name
        before = place.read_bytes() if place.is_file() else None
        if before == content:
            continue
        kept = place.stat() if before is not None else None
        if before is not None:
            write_whole(place.with_name(place.name + ".before"), before, 0o600)
        write_whole(place, content, 0o640 if secret else 0o644)
        owner = kept or config.parent.stat()
        if os.geteuid() == 0:
            os.chown(place, owner.st_uid, owner.st_gid)
        written.append(place)
    return written


def factory_reset(args: Namespace) -> int:
    """By the daemon where one runs, else here."""
    from chargepoint.cli.api import Api
    from chargepoint.factoryreset import carry_out
    from chargepoint.provisioning.owner import as_owner_of

    try:
        with alone(args.state):
            owed = _nothing_open(args.state)
            if not args.yes and not _agreed(owed):
                return REFUSED
            with as_owner_of(args.state):
                carry_out(args.state)
    except StateInUse:
        api = Api(args.state, args.config)
        if not args.yes and not _agreed(api.get("status")["csms"]["undelivered"]):
            return REFUSED
        api.post("factory-reset", body={"erase": True})
    except OSError as error:
        raise unwritable(error, args.state) from None
    print("The owner's data is erased. The configuration file stays; so does a fault that somebody has to look at.")
    return DONE


def _nothing_open(state: Path) -> int:
    """How many messages are owed. Raises Fixable: a session is open."""
    from chargepoint.store.snapshot import open_sessions

    database = state / "chargepoint.db"
    if not database.exists():
        return 0
    running, owed = open_sessions(database)
    if running:
        fix = "Start the daemon: it goes on with the session, or ends it and tells the back office."
        raise Fixable("a session is open in the journal", where=str(database), fix=fix)
    return owed


def _agreed(owed: int) -> bool:
    """Read from the terminal, whatever stdin is."""
    print("Cards, history, settings, records, logs, passwords and installed certificates will be erased.")
    if owed:
        print(f"{owed} messages that the back office has not had are lost with them.")
    try:
        with open("/dev/tty", "r+", encoding="utf-8") as terminal:
            terminal.write(f'Write "{ERASE}" to go on: ')
            terminal.flush()
            return terminal.readline().strip() == ERASE
    except OSError:
        print("chargepoint: nobody can be asked here; --yes goes on without.", file=sys.stderr)
        return False


def _passphrase(file: Path | None, *, twice: bool) -> str:
    """Never from the command line, which others can read."""
    from chargepoint.backup.sealing import SHORTEST

    if file is not None:
        try:
            words = file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            raise Fixable(
                f"it cannot be read: {error}", where=str(file), fix="Name another --passphrase-file."
            ) from None
    else:
        words = _asked_for(twice)
    if twice and len(words) < SHORTEST:
        fix = "Take a sentence: whoever finds the file may try for years."
        raise Fixable(f"a passphrase of under {SHORTEST} characters", where="the passphrase", fix=fix)
    return words


def _asked_for(twice: bool) -> str:
    import getpass

    words = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("Once more: ") != words:
        raise Fixable("the two are not the same", where="the passphrase", fix="Try again.")
    return words
