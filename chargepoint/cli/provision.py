"""`chargepoint provision`: for a maker's line, once for each station."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chargepoint.cli.alone import alone, unwritable
from chargepoint.cli.exits import DONE, USAGE
from chargepoint.cli.paint import coloured
from chargepoint.errors import Fixable

if TYPE_CHECKING:
    from chargepoint.config.factory import Factory
    from chargepoint.provisioning.device import Device

WITHOUT_MODEL = "provision: give a MODEL, --serial and --label; or --certificate to take a certificate in."


def provision(args: Namespace) -> int:
    if args.certificate is not None and args.model is None:
        return take_certificate(args)
    if args.model is None or not args.serial or not args.label or args.certificate is not None:
        print(WITHOUT_MODEL, file=sys.stderr)
        return USAGE
    from chargepoint.config.factory import read_model

    factory = read_model(args.model, args.serial, args.identity, args.hardware_revision)
    with _place(args.state):
        _refuse_twice(args)
        device = _made(factory, args)
        _write_outputs(device, args)
        _keep(device, args.state)
    _tell(device, args)
    return DONE


def take_certificate(args: Namespace) -> int:
    from chargepoint.cli.factory import factory_of
    from chargepoint.provisioning.certificate import take
    from chargepoint.provisioning.owner import as_owner_of

    factory = factory_of(args.state)
    if factory is None:
        raise Fixable("this station has not been provisioned", where=str(args.state), fix="Begin with a MODEL file.")
    chain, root = _pem(args.certificate), _pem(args.root) if args.root else ""
    with _place(args.state), as_owner_of(args.state):
        try:
            name = take(args.state, chain, factory, datetime.now(UTC), root)
        except OSError as error:
            raise unwritable(error, args.state) from None
    told = {"serial_number": factory.station.serial_number, "certificate": name}
    print(json.dumps(told) if args.json else f"{factory.station.serial_number}: its certificate is kept as {name}.")
    return DONE


# --- steps ------------------------------------------------------------------------------------------------------------


@contextmanager
def _place(state: Path) -> Iterator[None]:
    """No daemon runs, and none starts, while secrets change under its feet."""
    from chargepoint.provisioning.owner import make

    try:
        make(state)
    except OSError as error:
        raise unwritable(error, state) from None
    with alone(state):
        yield


def _refuse_twice(args: Namespace) -> None:
    from chargepoint.provisioning.device import existing

    there = existing(args.state)
    if there and not args.again:
        fix = "--again makes all of it anew: the old label, key and certificate are worth nothing then."
        raise Fixable(f"this station has been provisioned: {', '.join(there)}", where=str(args.state), fix=fix)


def _made(factory: Factory, args: Namespace) -> Device:
    from chargepoint.provisioning.board import board
    from chargepoint.provisioning.codes import code_of
    from chargepoint.provisioning.device import make

    code = code_of(args.codes, args.serial) if args.codes else ""
    with_key, with_password = args.csr is not None, args.with_password
    return make(factory, board(), datetime.now(UTC), with_key=with_key, with_password=with_password, setup_code=code)


def _write_outputs(device: Device, args: Namespace) -> None:
    """Before the station is changed: a label nobody can write must not leave a code that nobody knows."""
    from chargepoint.label.files import drawn
    from chargepoint.label.words import words_of
    from chargepoint.security.wholefile import write_whole

    words = words_of(device.factory, device.setup_code)
    outputs = {file: drawn(words, file) for file in args.label}
    outputs |= {args.csr: device.request.encode()} if args.csr else {}
    for file, content in outputs.items():
        try:
            write_whole(file, content)
        except OSError as error:
            raise Fixable(f"cannot be written: {error.strerror}", where=str(file), fix="Name another file.") from None


def _keep(device: Device, state: Path) -> None:
    from chargepoint.provisioning.device import keep
    from chargepoint.provisioning.owner import as_owner_of

    try:
        with as_owner_of(state):
            keep(state, device)
    except OSError as error:
        raise unwritable(error, state) from None


def _pem(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Fixable(f"cannot be read: {error}", where=str(file), fix="It must be PEM.") from None


def _tell(device: Device, args: Namespace) -> None:
    if args.json:
        print(json.dumps(device.record(), ensure_ascii=False))
        return
    station = device.factory.station
    print(coloured(f"{station.vendor} {station.model} {station.serial_number} is made.", "green"))
    print(f"  label        {', '.join(map(str, args.label))}")
    if args.csr:
        print(f"  request      {args.csr}: have it signed, then chargepoint provision --certificate FILE")
    if device.password:
        print("  password     for the back office: secrets/csms-password; --json would have told it")
    print(f"  identity     {device.factory.identity}")
