"""Commands that need no running daemon: check a file, tell the version."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from chargepoint.cli.exits import DONE, REFUSED
from chargepoint.cli.paint import as_json, coloured

if TYPE_CHECKING:
    from chargepoint.config import Config
    from chargepoint.errors import Finding


def check(args: Namespace) -> int:
    from chargepoint.cli.factory import factory_of, hint
    from chargepoint.config.file import examine

    path = args.file or args.config
    config, findings = examine(path, factory_of(args.state))
    if config is None and (said := hint(args.state)):
        print(said, file=sys.stderr)
    if args.json:
        print(as_json([_finding(finding) for finding in findings]))
    else:
        print("\n".join([verdict(str(path), config, findings), *(f"  {_painted(finding)}" for finding in findings)]))
    return REFUSED if config is None else DONE


def verdict(path: str, config: Config | None, findings: list[Finding]) -> str:
    if config is None:
        count = sum(not finding.warning for finding in findings)
        return coloured(f"{path}: {count} mistake{'s' if count > 1 else ''}", "red")
    return f"{path}: {coloured('in order', 'green')}; {summary(config)}"


def summary(config: Config) -> str:
    """What the file describes, so that an installer sees that it is what he meant."""
    outlets = "1 outlet" if len(config.evses) == 1 else f"{len(config.evses)} outlets"
    office = f"back office {config.csms.url}" if config.csms else "no back office"
    who = {"ocpp": "the back office decides", "local": "cards added here", "free": "everybody may charge"}
    page = f"page on {config.web.listen}" if config.web else "no page"
    return f"{outlets}, {office}, {who[config.access.mode]}, {page}."


def _painted(finding: Finding) -> str:
    return coloured(str(finding), "yellow") if finding.warning else str(finding)


def _finding(finding: Finding) -> dict[str, Any]:
    mistake = finding.mistake
    return {
        "line": finding.line or None,
        "table": mistake.where,
        "key": mistake.key or None,
        "what": mistake.what,
        "fix": mistake.fix,
        "warning": finding.warning,
    }


def version(args: Namespace) -> int:
    from chargepoint.version import VERSION

    print(f"chargepoint {VERSION}")
    return DONE
