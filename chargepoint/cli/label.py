"""`chargepoint label`: a station's label once more, or labels for a whole batch before their stations are made."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from chargepoint.cli.exits import DONE, USAGE
from chargepoint.errors import Fixable
from chargepoint.label.files import drawn
from chargepoint.label.words import Words, from_json, words_of
from chargepoint.security.setupcode import Mistyped, matches_code, new_code


def label(args: Namespace) -> int:
    if args.batch is not None:
        return _batch(args)
    words = _of_data(args.data) if args.data else _of_this_station(args.state, args.code)
    for file in args.file:
        _write(file, drawn(words, file))
    return DONE


def _of_data(file: Path) -> Words:
    try:
        return from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fix = "Give the .json that `chargepoint provision --label` has written."
        raise Fixable(f"cannot be used: {error}", where=str(file), fix=fix) from None


def _of_this_station(state: Path, code: str) -> Words:
    """A label with a code that does not open the station would be found out by the driver."""
    from chargepoint.cli.factory import factory_of

    factory = factory_of(state)
    if factory is None:
        fix = "Run this on the station, or give --data FILE."
        raise Fixable("no factory file is here that this user may read", where=str(state), fix=fix)
    file = state / "secrets" / "setup-code"
    try:
        right = matches_code(code, file.read_text())
    except Mistyped as why:
        raise Fixable(str(why), where="--code", fix="Read it again from the old label.") from None
    except OSError as error:
        raise Fixable(
            f"cannot be read: {error.strerror}", where=str(file), fix="Try: sudo chargepoint label …"
        ) from None
    if not right:
        fix = (
            "Is it another station's label? `sudo chargepoint provision … --again` makes a new code, and all else anew."
        )
        raise Fixable("this is not the setup code of this station", where="--code", fix=fix)
    return words_of(factory, code)


def _batch(args: Namespace) -> int:
    """FILE is a folder: an SVG for each, and a table of their codes for `provision --codes`."""
    from chargepoint.config.factory import read_model
    from chargepoint.provisioning.codes import as_csv, serial_numbers

    if args.model is None or len(args.file) != 1:
        print("chargepoint label: --batch needs --model MODEL and one folder.", file=sys.stderr)
        return USAGE
    (folder,) = args.file
    codes = [(number, new_code()) for number in serial_numbers(args.batch)]
    for number, code in codes:
        words = words_of(read_model(args.model, number), code)
        file = folder / f"{_file_name(number)}.svg"
        _write(file, drawn(words, file))
    _write(folder / "codes.csv", as_csv(codes).encode())
    print(f"{len(codes)} labels and their codes are in {folder}.")
    return DONE


def _file_name(number: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in number).lstrip(".")


def _write(file: Path, content: bytes) -> None:
    """For its owner alone: who can read it can open the station's page."""
    from chargepoint.security.wholefile import write_whole

    try:
        write_whole(file, content)
    except OSError as error:
        raise Fixable(f"cannot be written: {error.strerror}", where=str(file), fix="Name another file.") from None
