"""`chargepoint pics`: what the configured station supports of OCPP, as a draft for a laboratory's form."""

from __future__ import annotations

from argparse import Namespace

from chargepoint.cli.exits import DONE
from chargepoint.cli.paint import as_json


def pics(args: Namespace) -> int:
    from chargepoint.cli.factory import factory_of
    from chargepoint.config.file import load
    from chargepoint.pics import as_markdown, statement

    config = load(args.config, factory_of(args.state))
    told = statement(config, args.version or _spoken(config.csms.versions if config.csms else ()))
    print(as_json(told.as_json()) if args.json else as_markdown(told))
    return DONE


def _spoken(versions: tuple[str, ...]) -> str:
    """The version that the station offers first."""
    from chargepoint.pics import NAMES

    return next(iter([*versions, *NAMES]))
