"""`chargepoint drivers`: what is installed, with its options, and why something cannot be used here."""

from __future__ import annotations

import dataclasses
from argparse import Namespace
from collections.abc import Iterator, Sequence
from textwrap import wrap

from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import as_json, coloured
from hw.discovery import Group, nearest
from hw.errors import Fixable
from hw.listing import Installed, OptionTold, installed

WIDTH = 80
NAME_AT, ABOUT_AT = 13, 27  # columns of the list
OPTION_AT = 6

TABLES: dict[Group, str] = {
    "pilot": "pilot = {{ {} }}",
    "contactor": "contactor = {{ {} }}",
    "lock": "lock = {{ {} }}",
    "sensors": "sensors = {{ {} }}",
    "indicator": "indicator = {{ {} }}",
    "meter": "meter = {{ {} }}",
    "card_reader": "[[card_reader]] with {}",
    "display": "[[display]] with {}",
}
"""How each group is named in the file."""


def drivers(args: Namespace) -> int:
    found = chosen(installed(), args.name, args.group)
    if args.json:
        print(as_json([dataclasses.asdict(driver) for driver in found]))
        return DONE
    print("\n".join(details(found) if args.name or args.group else overview(found)))
    return DONE


def chosen(found: Sequence[Installed], name: str | None, group: str | None) -> list[Installed]:
    """Those of that name and that group; raises where there are none."""
    told = [driver for driver in found if name in (None, driver.name) and group in (None, driver.group)]
    if told or name is None:
        return told
    others = sorted({driver.name for driver in found if group in (None, driver.group)})
    kind = f"{said(group)} driver" if group else "driver"
    raise Fixable(f'"{name}" is not an installed {kind}', where="drivers", fix=nearest(name, others))


# --- the list ---------------------------------------------------------------------------------------------------------


def overview(found: Sequence[Installed]) -> Iterator[str]:
    yield from paragraph(summary(found), 0)
    yield ""
    for group in dict.fromkeys(driver.group for driver in found):
        head = said(group)
        for driver in (each for each in found if each.group == group):
            yield from row(head, driver)
            head = ""
    yield ""
    yield "`chargepoint drivers NAME` shows what a driver's table may say."


def summary(found: Sequence[Installed]) -> str:
    packages = list(dict.fromkeys(f"{driver.package} {driver.version}" for driver in found))
    broken = sum(bool(driver.broken) for driver in found)
    verdict = f"{broken} of them cannot be used here" if broken else "all can be used here"
    return f"{len(found)} drivers, of {', '.join(packages)}; {verdict}."


def row(head: str, driver: Installed) -> Iterator[str]:
    first, *rest = (line[ABOUT_AT:] for line in paragraph(driver.broken or driver.about, ABOUT_AT))
    label = f"{coloured(f'{head:{NAME_AT}}', 'bold')}{driver.name:{ABOUT_AT - NAME_AT - 1}} "
    if driver.broken:
        yield label + coloured("cannot be used here:", "red")
        rest = [first, *rest, *(line[ABOUT_AT:] for line in paragraph(driver.remedy, ABOUT_AT))]
    else:
        yield label + first
    for line in rest:
        yield " " * ABOUT_AT + line


# --- one driver -------------------------------------------------------------------------------------------------------


def details(found: Sequence[Installed]) -> Iterator[str]:
    for number, driver in enumerate(found):
        if number:
            yield ""
        yield coloured(f"{said(driver.group)} {driver.name}", "bold") + f", of {driver.package} {driver.version}"
        if driver.broken:
            yield from paragraph(f"CANNOT BE USED HERE: {driver.broken}. {driver.remedy}", 2)
            continue
        yield from paragraph(driver.about, 2)
        yield from paragraph(f"In the file: {example(driver)}", 2)
        for option in driver.options:
            yield ""
            yield from option_lines(option)


def example(driver: Installed) -> str:
    """The shortest table that names it."""
    needed = [f"{option.name} = …" for option in driver.options if option.default is None]
    return TABLES[driver.group].format(", ".join([f'driver = "{driver.name}"', *needed]))


def option_lines(option: OptionTold) -> Iterator[str]:
    """Name and default; kind and allowed values; what it means."""
    default = coloured("needed", "bold") if option.default is None else f"default {option.default}"
    yield f"  {option.name}: {default}"
    allowed = f"{option.kind}, {option.allowed}" if option.allowed else option.kind
    yield from paragraph(allowed, OPTION_AT)
    yield from paragraph(option.help, OPTION_AT)


def paragraph(text: str, indent: int) -> list[str]:
    margin = " " * indent
    return wrap(text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False) or [margin]


def said(group: str) -> str:
    return group.replace("_", " ")
