"""Short ways to write a row of the catalogue: one function a kind of setting."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from chargepoint.core.setting import (
    MAX_INTEGER,
    Coding,
    Setting,
    check_members,
    choice_coding,
    integer_coding,
    list_coding,
    members,
    read_boolean,
    string_coding,
    write_boolean,
    write_datetime,
)

DAY_S = 86_400

READ_ONLY = (False, False)  # under both names
ONLY_1_6 = (True, False)
BOTH = (True, True)


def boolean(
    name_1_6: str | None,
    name_2_x: str | None,
    default: bool,
    about: str,
    *,
    writable: tuple[bool, bool] = BOTH,
    by_installer: bool = False,
) -> Setting[bool]:
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="boolean",
        default=default,
        coding=Coding(read_boolean, write_boolean),
        about=about,
        by_installer=by_installer,
        writable_1_6=writable[0],
        writable_2_x=writable[1],
    )


def integer(
    name_1_6: str | None,
    name_2_x: str | None,
    default: int,
    about: str,
    *,
    unit: str = "",
    minimum: int = 0,
    maximum: int = MAX_INTEGER,
    writable: tuple[bool, bool] = BOTH,
) -> Setting[int]:
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="integer",
        default=default,
        coding=integer_coding(minimum, maximum, unit),
        about=about,
        unit=unit,
        minimum=minimum,
        maximum=None if maximum == MAX_INTEGER else maximum,
        writable_1_6=writable[0],
        writable_2_x=writable[1],
    )


def string(
    name_1_6: str | None,
    name_2_x: str | None,
    default: str,
    about: str,
    *,
    max_length: int,
    writable: tuple[bool, bool] = BOTH,
) -> Setting[str]:
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="string",
        default=default,
        coding=string_coding(max_length),
        about=about,
        max_length=max_length,
        writable_1_6=writable[0],
        writable_2_x=writable[1],
    )


def csl(
    name_1_6: str | None,
    name_2_x: str | None,
    default: Sequence[str],
    about: str,
    *,
    choices: Sequence[str] = (),
    at_least: int = 0,
    at_most: int | None = None,
    ordered: bool = False,
    writable: tuple[bool, bool] = BOTH,
    coding: Coding[tuple[str, ...]] | None = None,
) -> Setting[tuple[str, ...]]:
    """A comma separated list. `at_most` counts its members."""
    most = at_most if at_most is not None else max(len(choices), 1)
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="sequence" if ordered else "list",
        default=tuple(default),
        coding=coding or list_coding(choices, at_least=at_least, at_most=most),
        about=about,
        choices=tuple(choices),
        max_length=most,
        writable_1_6=writable[0],
        writable_2_x=writable[1],
    )


def choice(
    name_1_6: str | None,
    name_2_x: str | None,
    default: str,
    about: str,
    *,
    choices: Sequence[str],
    writable: tuple[bool, bool] = BOTH,
) -> Setting[str]:
    """One word of several."""
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="choice",
        default=default,
        coding=choice_coding(choices),
        about=about,
        choices=tuple(choices),
        writable_1_6=writable[0],
        writable_2_x=writable[1],
    )


def moment(name_2_x: str, default: datetime, about: str) -> Setting[datetime]:
    """A time of day that is only ever read."""
    return Setting(
        name_2_x=name_2_x,
        kind="datetime",
        default=default,
        coding=Coding(datetime.fromisoformat, write_datetime),
        about=about,
        writable_2_x=False,
    )


def appointment(name_1_6: str, name_2_x: str, about: str) -> Setting[datetime | None]:
    """A time to come; an empty text is none."""
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="datetime",
        default=None,
        coding=Coding(read_appointment, lambda at: "" if at is None else write_datetime(at)),
        about=about,
    )


def read_appointment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f'must be a time like 2027-03-28T01:00:00Z, not "{text}"') from None
    if at.tzinfo is None:
        raise ValueError("must say its time zone: write a Z after a time in UTC")
    return at


# --- the clock on the wall --------------------------------------------------------------------------------------------

FURTHEST = timedelta(hours=14)  # that a zone of this planet is ahead of UTC


def offset(name_1_6: str, name_2_x: str, about: str) -> Setting[timedelta | None]:
    """How far local time is ahead of UTC, "+01:00" or "-05:30"; an empty text: nobody has said."""
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="string",
        default=None,
        coding=Coding(read_offset, lambda ahead: "" if ahead is None else write_offset(ahead)),
        about=about,
        max_length=6,
    )


def read_offset(text: str) -> timedelta | None:
    if not text.strip():
        return None
    parts = re.fullmatch(r"([+-])([0-9]{2}):([0-5][0-9])", text.strip())
    ahead = timedelta(hours=int(parts[2]), minutes=int(parts[3])) if parts else timedelta.max
    if parts is None or ahead > FURTHEST:
        raise ValueError(f'must be a time ahead of UTC like +01:00 or -05:30, not "{text}"')
    return ahead if parts[1] == "+" else -ahead


def write_offset(ahead: timedelta) -> str:
    minutes = int(ahead.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


# --- measurands -------------------------------------------------------------------------------------------------------


def measurands(
    name_1_6: str | None,
    name_2_x: str | None,
    default: Sequence[str],
    about: str,
    *,
    offered: Sequence[str],
    plain: Sequence[str],
) -> Setting[tuple[str, ...]]:
    """A list of measurands. 1.6 may name one phase ("Current.Import.L1"), 2.x only the whole ("Current.Import")."""
    return Setting(
        name_1_6=name_1_6,
        name_2_x=name_2_x,
        kind="list",
        default=tuple(default),
        coding=list_coding(offered, at_least=0, at_most=len(offered)),
        coding_2_x=Coding(list_coding(plain, at_least=0, at_most=len(plain)).read, lambda value: whole(value, plain)),
        about=about,
        choices=tuple(offered),
        choices_2_x=tuple(plain),
        max_length=len(offered),
    )


def whole(values: Sequence[str], plain: Sequence[str]) -> str:
    """Without phases, each once: "Current.Import.L1,Current.Import.L2" is "Current.Import"."""
    stems = [next(stem for stem in plain if value == stem or value.startswith(stem + ".L")) for value in values]
    return ",".join(dict.fromkeys(stems))


# --- wiring -----------------------------------------------------------------------------------------------------------

ROTATIONS = ("NotApplicable", "Unknown", "RST", "RTS", "SRT", "STR", "TRS", "TSR")


def read_rotations(text: str) -> tuple[str, ...]:
    """ "0.RST,1.STR": connector and the order of its phases (1.6 section 9.1.8)."""
    values = members(text)
    check_members(tuple(value.partition(".")[0] for value in values), ())
    for value in values:
        connector, _, rotation = value.partition(".")
        if not connector.isdecimal() or rotation not in ROTATIONS:
            raise ValueError(f'knows no "{value}"; write connector, dot and one of {", ".join(ROTATIONS)}')
    return values


# --- the password of the back office ----------------------------------------------------------------------------------


def read_key(text: str) -> bytes:
    """1.6 AuthorizationKey: 16 to 20 bytes in hexadecimal (security whitepaper edition 3; OCPP-J errata 3.10)."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise ValueError("must be hexadecimal digits, two for each byte") from None
    if not 16 <= len(key) <= 20 or len(text) != 2 * len(key):
        raise ValueError("must have 32 to 40 hexadecimal digits")
    return key


def read_password(text: str) -> bytes:
    """2.x BasicAuthPassword: 16 to 40 characters (A00.FR.205), as they go over the line."""
    if not 16 <= len(text) <= 40 or not text.isprintable():
        raise ValueError("must have 16 to 40 printable characters")
    return text.encode()
