"""The command line. Each command's work lives in a module that only that command imports: `status` must be quick on a
small board, and `run` must not carry what it does not need.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from chargepoint.cli.commands import COMMANDS, GROUPS, Command
from chargepoint.cli.exits import DONE, USAGE, status_of
from hw.errors import Fixable

DEFAULT_CONFIG = Path("/etc/chargepoint/chargepoint.toml")
DEFAULT_STATE = Path("/var/lib/chargepoint")

VALUED = ("--config", "--state")
"""Options that stand before or after the command and take a value."""

MORE = """\
`chargepoint COMMAND --help` says more. Exit status: 0 done, 1 refused, or mistakes in the
configuration, 2 wrong usage, 3 no daemon answers, 4 a step of the doctor failed, 5 another daemon uses
that state directory."""

Work = Callable[[argparse.Namespace], int]


def main(argv: list[str]) -> int:
    """Run one command; the exit status."""
    try:
        return _run(argv)
    except Fixable as trouble:
        print(f"chargepoint: {trouble}", file=sys.stderr)
        return status_of(trouble)
    except BrokenPipeError:  # `chargepoint sessions | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains once more at its end
        return DONE
    except KeyboardInterrupt:
        return 130


def _run(argv: list[str]) -> int:
    name, rest = split(argv)
    if name in COMMANDS:
        args = parser_of(COMMANDS[name]).parse_args(rest)
        return _work(COMMANDS[name])(args)
    if not name and "--version" in rest:
        return _work(COMMANDS["version"])(argparse.Namespace())
    wants_help = "-h" in rest or "--help" in rest
    if name == "help" or (wants_help and name in ("", *GROUPS)):
        print(overview(name if name in GROUPS else ""))
        return DONE
    return _unknown(name)


def split(argv: list[str]) -> tuple[str, list[str]]:
    """The command's name ("sim plug" is one) and everything else; options may stand before it."""
    rest: list[str] = []
    words: list[str] = []
    place = 0
    while place < len(argv) and len(words) < 2:
        word = argv[place]
        place += 1
        if word.startswith("-"):
            rest.append(word)
            if word in VALUED and place < len(argv):
                rest.append(argv[place])
                place += 1
            continue
        words.append(word)
        if words[0] not in GROUPS:
            break
    return " ".join(words), rest + argv[place:]


def parser_of(command: Command) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"chargepoint {command.name}", description=command.about, allow_abbrev=False, epilog=command.more or None
    )
    command.arguments(parser)
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=DEFAULT_CONFIG, help=f"default: {DEFAULT_CONFIG}"
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", default=DEFAULT_STATE, help=f"of the daemon; default: {DEFAULT_STATE}"
    )
    return parser


def overview(first: str = "") -> str:
    """What `chargepoint --help` prints; with `first`, the commands that begin with that word."""
    told = [command for command in COMMANDS.values() if command.name.startswith(first)]
    width = max(len(command.name) for command in told) + 2
    lines = [f"usage: chargepoint [--config FILE] [--state DIR] {first or 'COMMAND'} ...", ""]
    for group in dict.fromkeys(command.group for command in told):
        lines.append(f"{group}:")
        lines += [f"  {command.name:{width}}{command.about}" for command in told if command.group == group]
        lines.append("")
    return "\n".join([*lines, MORE])


def _work(command: Command) -> Work:
    module, _, function = command.work.partition(":")
    work: Work = getattr(import_module(f"chargepoint.cli.{module}"), function)
    return work


def _unknown(name: str) -> int:
    """No command, or none of ours: say what there is."""
    group = name.partition(" ")[0]
    inside = [known for known in COMMANDS if known.startswith(f"{group} ")]
    if inside:
        said = f'"{name}" is not a command.' if name != group else f"{group} what?"
        print(f"chargepoint: {said} There are: {', '.join(inside)}.", file=sys.stderr)
    elif name:
        from hw.discovery import nearest

        print(f'chargepoint: "{name}" is not a command. {nearest(name, list(COMMANDS))}', file=sys.stderr)
    else:
        print(overview(), file=sys.stderr)
    return USAGE
