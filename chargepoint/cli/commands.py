"""Every command: its name, what it is for, its arguments, and where its work is done."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chargepoint.cli.values import (
    amperes,
    count,
    evse_number,
    house_amperes,
    in_service,
    limit_amperes,
    seconds,
    yes_or_no,
)

GROUPS = ("sim", "cards", "settings")
"""First words of commands that have two."""

FAULTS = (
    "earth_leakage",
    "contactor_welded",
    "contactor_stuck_open",
    "overtemperature",
    "emergency_stop",
    "meter_lost",
    "lock_jammed",
    "pilot_shorted",
    "undervoltage",
    "overvoltage",
    "overcurrent",
    "rcd_selftest",
    "earth_missing",
    "pen_fault",
    "enclosure_open",
    "key_locked",
    "limit_contact",
    "phases_welded",
    "phases_stuck_open",
)
"""What `sim fault` can do (the local API's kinds)."""

DRIVER_GROUPS = ("pilot", "contactor", "lock", "sensors", "indicator", "meter", "card_reader", "display")
"""Kinds of drivers (`hw.discovery.GROUPS`, which not every command wants to import)."""

LEVELS = ("debug", "info", "warning", "error", "critical")
"""How bad a line of the log is (`records.kept.LEVELS`, which not every command wants to import)."""

Arguments = Callable[[ArgumentParser], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the command line."""

    name: str
    group: str
    about: str
    arguments: Arguments
    work: str  # module of this package : function(args) -> exit status
    more: str = ""  # told below the options


# --- arguments --------------------------------------------------------------------------------------------------------


def nothing(parser: ArgumentParser) -> None:
    """No arguments of its own."""


def json_too(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def evse(parser: ArgumentParser) -> None:
    parser.add_argument("evse", type=evse_number, metavar="EVSE", help="its number, from 1")
    json_too(parser)


def run(parser: ArgumentParser) -> None:
    parser.add_argument("--verbose", action="store_true", help="log every frame of the conversation too")
    parser.add_argument(
        "--alone", action="store_true",
        help="start neither the guard nor simulated hardware: they are services of their own",
    )  # fmt: skip


def demo(parser: ArgumentParser) -> None:
    parser.add_argument("--version", choices=("1.6", "2.0.1"), default="2.0.1", help="of OCPP; default: 2.0.1")
    parser.add_argument(
        "--profile", type=int, choices=range(4), default=1,
        help="security profile: 0 to 3, with certificates made on the spot; default: 1",
    )  # fmt: skip
    parser.add_argument("--offline", action="store_true", help="cut the line to the back office in mid-session")
    parser.add_argument("--keep-running", action="store_true", help="leave station and page open for you")


def check(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="instead of --config")
    json_too(parser)


def firstboot(parser: ArgumentParser) -> None:
    parser.add_argument("--boot", type=Path, metavar="DIR", required=True, help="where the files lie")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", default=Path("/data"), help="of the machine around it; default: /data"
    )
    parser.add_argument(
        "--image", action="store_true", help="DIR is a mounted partition; also set host name and firewall"
    )


def doctor(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--click", action="store_true", help="also close each contactor for 0.2 s, where nothing is plugged in"
    )
    json_too(parser)


def update(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a bundle of RAUC, made for this station")
    parser.add_argument("--now", action="store_true", help="do not wait for whoever charges: the restart ends that")
    parser.add_argument("--status", action="store_true", help="which system runs, and how the last update ended")
    parser.add_argument("--cancel", action="store_true", help="leave off an update from a file that still waits")
    json_too(parser)


def drivers(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="show what the table of this driver may say")
    parser.add_argument("--group", choices=DRIVER_GROUPS, metavar="GROUP", help=", ".join(DRIVER_GROUPS))
    json_too(parser)


def pics(parser: ArgumentParser) -> None:
    parser.add_argument("--version", choices=("1.6", "2.0.1"), help="of OCPP; default: the one offered first")
    json_too(parser)


def start(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("token", metavar="CARD", help="id of the card that the session is for")


def limit(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("amps", type=limit_amperes, metavar="AMPS", help='per phase; under 6 pauses; "none" lifts it')


def mains(parser: ArgumentParser) -> None:
    parser.add_argument("present", choices=("failed", "back"), help="failed: sessions end before the battery does")


def availability(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("available", type=in_service, metavar="on|off", help="in service, or out of it")


def clear(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("fault", metavar="FAULT", help="its name, as `chargepoint status` shows it")


def sim_plug(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("--cable-a", type=amperes, metavar="A", help="what the cable can carry, coded in its plug")
    parser.add_argument("--draw-a", type=amperes, metavar="A", help="what the car would draw per phase")
    parser.add_argument("--phases", type=int, choices=(1, 2, 3), help="that the car uses")
    parser.add_argument("--asks-power", type=yes_or_no, metavar="yes|no", help="does it want to charge at once?")
    parser.add_argument("--inserted", choices=("full", "half"), help="is the plug right in?")


def sim_unplug(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("--side", choices=("both", "ev"), help="ev: the cable stays in the socket; default: both")


def sim_car(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("--draw-a", type=amperes, metavar="A", help="what it would draw per phase")
    parser.add_argument("--reaction-s", type=seconds, metavar="S", help="how long it takes to react")
    for name, about in (
        ("asks-power", "does it want to charge?"),
        ("ventilation", "does it ask for ventilation (state D)?"),
        ("ignores-offer", "does it draw more than it is offered?"),
        ("sleeps", "does it fall asleep when it gets nothing?"),
        ("diode", "is the diode in its pilot circuit whole?"),
    ):
        parser.add_argument(f"--{name}", type=yes_or_no, metavar="yes|no", help=about)


def sim_fault(parser: ArgumentParser) -> None:
    evse(parser)
    parser.add_argument("kind", choices=FAULTS, metavar="FAULT", help=", ".join(FAULTS))
    parser.add_argument("--off", action="store_true", help="take the fault away")


def sim_house(parser: ArgumentParser) -> None:
    about = "what all but the charge point draws, one for all phases or three; negative: its panels give (after --)"
    parser.add_argument("current_a", nargs="*", type=house_amperes, metavar="A", help=about)
    meter = parser.add_mutually_exclusive_group()
    meter.add_argument("--silent", action="store_true", help="its main meter says nothing")
    meter.add_argument("--speaks", action="store_true", help="... and speaks again")
    json_too(parser)


def sim_card(parser: ArgumentParser) -> None:
    parser.add_argument("uid", metavar="UID", help="the card's number, such as 04A1B2C3D4E5F6")
    parser.add_argument("--reader", type=int, metavar="N", help="which reader, from 0")
    json_too(parser)


def sim_link(parser: ArgumentParser) -> None:
    parser.add_argument("up", choices=("up", "down"), metavar="up|down")
    json_too(parser)


def cards_add(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="CARD", help="its number, as the reader or the log shows it")
    parser.add_argument("--group", metavar="GROUP", help="cards of one group may stop each other's sessions")
    parser.add_argument("--expires", metavar="TIME", help="such as 2027-12-31T23:00:00Z; default: never")
    json_too(parser)


def cards_remove(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="CARD")
    json_too(parser)


def settings_list(parser: ArgumentParser) -> None:
    parser.add_argument("part", nargs="?", default="", metavar="PART", help="only names with this in it")
    json_too(parser)


def settings_get(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="in OCPP 1.6 or 2.x, such as HeartbeatInterval")
    json_too(parser)


def settings_set(parser: ArgumentParser) -> None:
    settings_get(parser)
    parser.add_argument("value", metavar="VALUE")


def provision(parser: ArgumentParser) -> None:
    parser.add_argument(
        "model", nargs="?", type=Path, metavar="MODEL", help="what all stations of the model share (TOML)"
    )
    parser.add_argument("--serial", metavar="NUMBER", help="serial number of this one")
    parser.add_argument("--identity", default="", metavar="NAME", help="at the back office; default: the serial number")
    parser.add_argument("--hardware-revision", default="", metavar="TEXT", help="instead of what the model file says")
    parser.add_argument(
        "--label", type=Path, action="append", default=[], metavar="FILE",
        help="where the label goes: .svg, .png, .pdf or .json; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--codes", type=Path, metavar="CSV", help="take the setup code of labels printed before from here"
    )
    parser.add_argument("--csr", type=Path, metavar="FILE", help="write a request for its certificate (PEM)")
    parser.add_argument("--with-password", action="store_true", help="make a password for the back office; see --json")
    parser.add_argument("--again", action="store_true", help="make everything anew, though there is something already")
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="take the signed certificate in (PEM), later")
    parser.add_argument("--root", type=Path, metavar="FILE", help="to which it must lead (PEM)")
    parser.add_argument("--json", action="store_true", help="one line for the maker's database")


def label(parser: ArgumentParser) -> None:
    parser.add_argument("file", nargs="+", type=Path, metavar="FILE", help="to write: .svg, .png, .pdf or .json")
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--code", metavar="CODE", help="setup code of this station, from its old label")
    whose.add_argument("--data", type=Path, metavar="FILE", help="a label's data (.json), of any station")
    whose.add_argument(
        "--batch", type=Path, metavar="CSV", help="serial numbers: labels before stations; FILE is a folder"
    )
    parser.add_argument("--model", type=Path, metavar="MODEL", help="for --batch")


def since_until(parser: ArgumentParser) -> None:
    about = 'such as "2026-11-22 08:30", 2026-11-22, 2026-11, 08:30, yesterday, 2h or 7d'
    parser.add_argument("--since", metavar="TIME", help=f"from then on, {about} ago")
    parser.add_argument("--until", metavar="TIME", help="until then; a day or month is meant to its end")


def sessions(parser: ArgumentParser) -> None:
    about = "how many, newest first; default: 20, or all that began between --since and --until"
    parser.add_argument("--last", type=count, metavar="N", help=about)
    since_until(parser)
    parser.add_argument("--csv", action="store_true", help="all of them, for a spreadsheet")
    parser.add_argument("--signed", action="store_true", help="with what the meter signed (--csv, --json)")
    parser.add_argument("--mask-cards", action="store_true", help="the last four characters of each card only")
    json_too(parser)


def uptime(parser: ArgumentParser) -> None:
    parser.add_argument("--month", metavar="YYYY-MM", help="default: this month")
    since_until(parser)
    parser.add_argument("--csv", action="store_true", help="the outages, for a spreadsheet")
    json_too(parser)


def _passphrase(parser: ArgumentParser, about: str) -> None:
    parser.add_argument("--with-secrets", action="store_true", help=about)
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="instead of asking for the passphrase")


def backup(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="to write")
    _passphrase(parser, "passwords and keys too, sealed with a passphrase")


def restore(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="that `backup` has written")
    _passphrase(parser, "open the passwords and keys in it")
    parser.add_argument("--other-station", action="store_true", help="take cards and settings of another station over")
    parser.add_argument("--resume", action="store_true", help="send what was owed: the station has not run since")


def off_peak(parser: ArgumentParser) -> None:
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--accept", action="store_true", help="leave them as they are, now that they have been seen")
    choice.add_argument("--none", action="store_true", help="charge at any time")
    about = 'when not to charge, such as "mon-fri 08:00-11:00"; may be given several times'
    choice.add_argument("--avoid", action="append", metavar="WINDOW", help=about)
    json_too(parser)


def factory_reset(parser: ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")


def grid_limits(parser: ArgumentParser) -> None:
    parser.add_argument("--csv", action="store_true", help="for a spreadsheet")
    json_too(parser)


def logs(parser: ArgumentParser) -> None:
    parser._negative_number_matcher = re.compile(r"-\d")  # -1h is a time, not an option
    parser.add_argument("--since", metavar="TIME", help="such as -1h, today, 08:30, 2026-11-22 or '2026-11-22 08:30'")
    parser.add_argument("--until", metavar="TIME", help="the same; default: now")
    parser.add_argument(
        "--level", choices=LEVELS, default="debug", help="this bad, or worse; default: all that is kept"
    )
    parser.add_argument("--evse", type=evse_number, metavar="EVSE", help="only what is about this one")
    parser.add_argument(
        "--last", type=count, metavar="N", help="how many lines at most; default: 100 where --since is not given"
    )
    parser.add_argument("--frames", action="store_true", help="the conversation with the back office too, of late")
    parser.add_argument("--follow", action="store_true", help="go on with what happens from now on, until Ctrl-C")
    json_too(parser)


def support(parser: ArgumentParser) -> None:
    parser._negative_number_matcher = re.compile(r"-\d")  # -1h is a time, not an option
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="where to; default: a new file, right here")
    parser.add_argument(
        "--since", metavar="TIME", help="of the log; such as -2d, today or 2026-11-22; default: all of it"
    )
    parser.add_argument("--until", metavar="TIME", help="the same")


# --- the table --------------------------------------------------------------------------------------------------------

_DAEMON, _LOOK, _DO, _SIM, _KEEP = (
    "run a charge point",
    "look at a running one",
    "act on it",
    "simulated hardware",
    "cards and settings",
)
_MAKE = "make stations"

_LIMIT_LASTS = "The limit holds until it is lifted or the daemon restarts."

_PROVISION = "docs/provisioning.md shows a whole line. The setup code stands on the label and nowhere else."

_RESTORED = "What the station owed its back office when the backup was made is kept as dead letters and not sent again."

_ALL = (
    Command("run", _DAEMON, "run the charge point of --config", run, "daemon:run"),
    Command("demo", _DAEMON, "watch a simulated session from plug to bill", demo, "daemon:demo"),
    Command("check", _DAEMON, "name every mistake in a configuration file", check, "files:check"),
    Command(
        "firstboot",
        _DAEMON,
        "take over an installer's files from the boot partition, and report there",
        firstboot,
        "firstboot:firstboot",
    ),
    Command("doctor", _DAEMON, "prove every wire, device and connection of the station", doctor, "doctor:doctor"),
    Command("drivers", _DAEMON, "list the drivers that are installed, and their options", drivers, "drivers:drivers"),
    Command("pics", _DAEMON, "print what the configured station supports of OCPP, for a laboratory", pics, "pics:pics"),
    Command("update", _DAEMON, "install a new system from a file, or tell how that went", update, "update:update"),
    Command("version", _DAEMON, "tell the version of this program", nothing, "files:version"),
    Command("status", _LOOK, "show every EVSE: state, limit and why, faults", json_too, "status:status"),
    Command("sessions", _LOOK, "list the sessions, newest first", sessions, "history:sessions"),
    Command("uptime", _LOOK, "tell how much of a month it could be used, and why not", uptime, "uptime:uptime"),
    Command("grid-limits", _LOOK, "list when the grid operator asked for less", grid_limits, "history:grid_limits"),
    Command(
        "logs", _LOOK, "read the station's own log: a time window, a level, an outlet; follow it", logs, "logs:logs"
    ),
    Command("support", _LOOK, "pack all that support needs into one file, secrets masked", support, "support:support"),
    Command("start", _DO, "start a session", start, "control:start"),
    Command("stop", _DO, "stop the session", evse, "control:stop"),
    Command("limit", _DO, "limit the current, or lift that limit", limit, "control:limit", _LIMIT_LASTS),
    Command("skip-delay", _DO, "charge now, in spite of a random delay or peak hours", evse, "control:skip_delay"),
    Command("unlock", _DO, "let go of the plug", evse, "control:unlock"),
    Command("availability", _DO, "take an EVSE out of service, or back", availability, "control:availability"),
    Command("mains", _DO, "say that the mains has failed, or is back: for a battery's script", mains, "control:mains"),
    Command("clear", _DO, "clear a latched fault, on site, once its cause is gone", clear, "control:clear"),
    Command("cards list", _KEEP, "list the cards known here", json_too, "cards:show"),
    Command("cards add", _KEEP, "let a card charge", cards_add, "cards:add"),
    Command("cards remove", _KEEP, "forget a card", cards_remove, "cards:remove"),
    Command("settings list", _KEEP, "list the OCPP settings", settings_list, "settings:show"),
    Command("settings get", _KEEP, "show one setting", settings_get, "settings:get"),
    Command("settings set", _KEEP, "change one setting", settings_set, "settings:change"),
    Command(
        "provision", _MAKE, "make a station of its own out of a board", provision, "provision:provision", _PROVISION
    ),
    Command("label", _MAKE, "draw a station's label", label, "label:label"),
    Command("off-peak", _KEEP, "show or choose the hours in which not to charge", off_peak, "offpeak:off_peak"),
    Command("backup", _KEEP, "write the station into a file, running or not", backup, "keeping:backup"),
    Command("restore", _KEEP, "put a backup on a new storage card", restore, "keeping:restore", _RESTORED),
    Command("factory-reset", _KEEP, "erase everything of the owner's", factory_reset, "keeping:factory_reset"),
    Command("sim plug", _SIM, "plug a simulated car in", sim_plug, "sim:plug"),
    Command("sim unplug", _SIM, "unplug it", sim_unplug, "sim:unplug"),
    Command("sim car", _SIM, "change what the simulated car does", sim_car, "sim:car"),
    Command("sim fault", _SIM, "break something, or mend it again with --off", sim_fault, "sim:fault"),
    Command("sim house", _SIM, "change what the building around it draws", sim_house, "sim:house"),
    Command("sim card", _SIM, "hold a card to the reader", sim_card, "sim:card"),
    Command("sim link", _SIM, "cut the line to the back office, or mend it", sim_link, "sim:link"),
)

COMMANDS = {command.name: command for command in _ALL}
