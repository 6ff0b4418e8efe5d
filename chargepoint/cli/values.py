"""What people write on the command line, read: EVSEs, amperes, seconds, yes and no."""

from __future__ import annotations

from argparse import ArgumentTypeError


def evse_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f'"{text}" is not an EVSE; they are numbered 1, 2, ...')
    return int(text)


def count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f'"{text}" is not a number of lines or sessions')
    return int(text)


def amperes(text: str) -> float:
    try:
        value = float(text.removesuffix("A").strip())
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is not a number of amperes') from None
    if not 0 <= value <= 1000:
        raise ArgumentTypeError(f"{text} is out of range")
    return value


def house_amperes(text: str) -> float:
    return -amperes(text[1:]) if text.startswith("-") else amperes(text)


def limit_amperes(text: str) -> float | None:
    return None if text.lower() in ("none", "off", "lift") else amperes(text)


def seconds(text: str) -> float:
    try:
        return float(text.removesuffix("s").strip())
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is not a number of seconds') from None


def yes_or_no(text: str) -> bool:
    words = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}
    if text.lower() not in words:
        raise ArgumentTypeError(f'"{text}" is neither yes nor no')
    return words[text.lower()]


def in_service(text: str) -> bool:
    words = {"operative": True, "available": True, "inoperative": False, "unavailable": False}
    return words[text.lower()] if text.lower() in words else yes_or_no(text)
