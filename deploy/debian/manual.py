"""chargepoint(1), from the same table that `chargepoint --help` is made of."""

from __future__ import annotations

import argparse

from chargepoint.cli import DEFAULT_CONFIG, DEFAULT_STATE
from chargepoint.cli.commands import COMMANDS, Command
from chargepoint.version import VERSION

HEAD = r""".TH CHARGEPOINT 1 "{date}" "chargepoint {version}" "Charge point"
.SH NAME
chargepoint \- an AC charge point for electric vehicles
.SH SYNOPSIS
.B chargepoint
[\-\-config
.IR FILE ]
[\-\-state
.IR DIR ]
.I COMMAND
\&...
.SH DESCRIPTION
Runs a charge point and looks after it: pilot, contactor, meter and card readers on one side, an OCPP back office on the
other. The services chargepoint.service and chargepoint-guard.service run it;
.B chargepoint status
shows what it does.
"""

TAIL = rf""".SH FILES
.TP
.I {DEFAULT_CONFIG}
What the station is made of. Every option: /usr/share/doc/chargepoint/examples/chargepoint.toml
.TP
.I {DEFAULT_STATE}
Journal, settings, cards and secrets.
.SH EXIT STATUS
0 done; 1 refused, or mistakes in the configuration; 2 wrong usage; 3 no daemon answers; 4 a step of the doctor failed;
5 another daemon uses that state directory.
.SH SEE ALSO
/usr/share/doc/chargepoint/docs/
"""


def manual(date: str) -> str:
    """`date`: ISO 8601."""
    parts = [HEAD.format(date=date, version=VERSION)]
    for group in dict.fromkeys(command.group for command in COMMANDS.values()):
        parts.append(f'.SH "{group.upper()}"\n')
        parts += [_entry(command) for command in COMMANDS.values() if command.group == group]
    return "".join([*parts, TAIL])


def _entry(command: Command) -> str:
    parser = argparse.ArgumentParser(add_help=False)
    command.arguments(parser)
    lines = [f".TP\n.B chargepoint {_plain(command.name)}", _sentence(command.about + ".")]
    for action in parser._actions:  # argparse has no public way to ask
        name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        about = f": {action.help % {**vars(action)}}" if action.help else ""
        lines.append(f".br\n{_plain(name)}{_sentence(about)}")
    return "\n".join(lines) + "\n"


def _sentence(text: str) -> str:
    return _plain(text[:1].upper() + text[1:])


def _plain(text: str) -> str:
    """Neither a dash nor a backslash nor a line's first dot means anything to us."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return "\n".join(rf"\&{line}" if line.startswith((".", "'")) else line for line in text.splitlines())
