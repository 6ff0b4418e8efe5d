"""`./dev mutants [MODULE ...]`: which small mistakes in the core or in the guard's rules would no test notice?

Exit status 0 when every survivor is explained in survivors.toml and that explains nothing else, 1 when not, 2 usage.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace

from tests.layers import PURE_GUARD, reached, read_tree
from tests.mutation.campaign import ROOT, Campaign, Group, fewer_examples
from tests.mutation.record import Record, mutants_of
from tests.mutation.trial import Cold, Outcome


def tests_of(*patterns: str) -> tuple[str, ...]:
    files = (file for pattern in patterns for file in sorted((ROOT / "tests").glob(pattern)))
    return tuple(str(file.relative_to(ROOT)) for file in files)


def guard_rules() -> tuple[str, ...]:
    """The guard's rules and all of the guard that they consist of."""
    return tuple(sorted(set(reached(read_tree("hw"), PURE_GUARD))))


def modules_in(folder: str) -> tuple[str, ...]:
    files = sorted((ROOT / folder).glob("*.py"))
    return tuple(f"{folder.replace('/', '.')}.{file.stem}" for file in files if file.stem != "__init__")


GUARD_PARTS = (
    "lease", "pilot", "phases", "steps", "click", "self_switching", "measuring", "plausibility", "lamps", "latches",
    "orders", "state_f", "least_current", "moments", "station",
)  # fmt: skip
"""Of the guard, with a test of their own."""

GROUPS = (
    Group(
        "core",
        modules_in("chargepoint/core"),
        nearest=("tests/core",),
        farther=("tests/scenarios", "tests/ocpp", "tests/config", "tests/test_desk.py", "tests/test_supply_task.py"),
    ),
    Group(
        "guard",
        guard_rules(),
        nearest=tests_of("hw/test_rules_[ft]*.py", *(f"hw/test_{part}.py" for part in GUARD_PARTS)),
        farther=tests_of("hw/test_rules_p*.py", "hw/test_bay.py", "hw/test_senses.py"),
    ),
)


def main() -> int:
    options = _options()
    os.nice(10)
    sys.dont_write_bytecode = True
    began_s, record = time.monotonic(), Record.read()
    fewer_examples()
    cold = Cold()
    modules: list[str] = []
    for group in GROUPS:
        group = _narrowed(group, options)
        asked_for = _asked_for(group, options.modules)
        modules += asked_for
        if asked_for:
            Campaign(
                group,
                asked_for,
                _wanted(record, options.again or options.far),
                _noting(record),
                cold,
                patiently=options.again,
            ).run()
            record.keep()
    cold.close()
    print(record.told(modules, f"together, in {time.monotonic() - began_s:.0f} s"))
    every = [name for module in modules for name in mutants_of(module)]
    return 1 if record.left(every) or record.outdated(every) else 0


def _wanted(record: Record, again: bool) -> Callable[[str], bool]:
    return lambda name: not (again and (record.noticed(name) or name in record.explained))


def _noting(record: Record) -> Callable[[str, Outcome], None]:
    def note(name: str, outcome: Outcome) -> None:
        record.note(name, outcome)
        if not record.noticed(name):
            print(f"{outcome.value}: {name}", flush=True)

    return note


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help='"core", "guard", "session", "chargepoint.core.session"'
    )
    parser.add_argument("--again", action="store_true", help="only what is left over: shown to every test")
    parser.add_argument("--far", action="store_true", help="only what is left over: shown to the farther tests only")
    parser.add_argument("--near", action="store_true", help="show it to the nearest tests only: quick, and too strict")
    options = parser.parse_args()
    options.modules = [name.removesuffix(".py").replace(os.sep, ".") for name in options.modules]
    for name in options.modules:
        if not any(_asked_for(group, [name]) for group in GROUPS):
            every = [each for group in GROUPS for each in (group.name, *group.modules)]
            parser.error(f"no such module: {name}; there are: {', '.join(every)}")
    return options


def _narrowed(group: Group, options: argparse.Namespace) -> Group:
    if options.far:
        return replace(group, nearest=group.farther, farther=())
    return replace(group, farther=()) if options.near else group


def _asked_for(group: Group, names: list[str]) -> tuple[str, ...]:
    everything = not names or group.name in names
    return tuple(module for module in group.modules if everything or any(_is(module, name) for name in names))


def _is(module: str, name: str) -> bool:
    return module == name or module.endswith(f".{name}")


if __name__ == "__main__":
    sys.exit(main())
