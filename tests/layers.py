"""Reads the imports of the source tree and judges them: which part may know which other part.

A module counts as imported wherever the statement stands: in a function, behind TYPE_CHECKING, or as the constant
argument of `import_module`.
"""

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ("chargepoint", "hw")


@dataclass(frozen=True)
class Use:
    """`module` imports `imported` in that line."""

    module: str
    line: int
    imported: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.imported}"


@dataclass(frozen=True)
class Tree:
    """Module name -> source. Names of packages are those of their directories."""

    sources: Mapping[str, str]
    packages: frozenset[str] = frozenset()

    def uses(self) -> list[Use]:
        return [use for module in self.sources for use in self.uses_of(module)]

    def uses_of(self, module: str) -> list[Use]:
        package = module if module in self.packages else module.rpartition(".")[0]
        return [
            Use(module, getattr(node, "lineno", 0), name)
            for node in self.nodes[module]
            for name in self._names(node, package)
        ]

    @cached_property
    def nodes(self) -> dict[str, list[ast.AST]]:
        return {module: list(ast.walk(ast.parse(source))) for module, source in self.sources.items()}

    def _names(self, node: ast.AST, package: str) -> Iterator[str]:
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=name, names=names, level=level):
                base = ".".join(package.split(".")[: len(package.split(".")) - level + 1]) if level else ""
                source = ".".join(part for part in (base, name) if part)
                yield from (self._submodule(source, alias.name) for alias in names)
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *_]) if called(func) in LOADERS:
                yield name

    def _submodule(self, source: str, name: str) -> str:
        """`from hw import api` imports the module hw.api, `from hw.api import Permit` the module hw.api."""
        return f"{source}.{name}" if f"{source}.{name}" in self.sources else source


LOADERS = ("import_module", "__import__")


def called(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def read_tree(*tops: str) -> Tree:
    """The modules below these directories of the repository, without the generated ones."""
    files = [path for top in tops for path in sorted((ROOT / top).rglob("*.py")) if "generated" not in path.parts]
    named = {path: _module(path) for path in files}
    packages = frozenset(name for path, name in named.items() if path.name == "__init__.py")
    return Tree({name: path.read_text() for path, name in named.items()}, packages)


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def inside(name: str, *packages: str) -> bool:
    """Is that module one of these, or in one of these packages?"""
    return any(name == package or name.startswith(package + ".") for package in packages)


def top(name: str) -> str:
    return name.partition(".")[0]


def third_party(name: str) -> bool:
    return top(name) not in sys.stdlib_module_names and top(name) not in (*OURS, "tests", "bench")


# --- the rules: each gives the sentences of what breaks it ------------------------------------------------------------

Rule = Callable[[Tree], list[str]]

_WORLDLY = """
asyncio concurrent ctypes fcntl ftplib http io logging mmap multiprocessing os pathlib pickle queue sched select
selectors shelve shutil signal smtplib socket socketserver sqlite3 ssl subprocess sys tempfile termios threading time
tomllib urllib
"""
NOT_PURE = frozenset(_WORLDLY.split())
"""The part of the standard library that waits, reads clocks, writes or talks. `uuid` and `random` stay: ids, jitter."""

PURE = ("chargepoint.core",)
PURE_GUARD = ("hw.guard.rules", "hw.guard.lease")
DOORS_TO_HW = (
    "hw.api",
    "hw.errors",
    "hw.discovery",
    "hw.guard.client",
    "hw.notify",  # words to the service manager, the same for both
    "hw.doctor",  # `chargepoint doctor`: proofs on devices, which nothing else imports
    "hw.listing",  # `chargepoint drivers`: what only people ask for, and the daemon need not carry
)

VERSIONS = {  # package: the other versions it may build on
    "chargepoint.ocpp.v16": (),
    "chargepoint.ocpp.v201": (),
    "chargepoint.ocpp.v21": ("chargepoint.ocpp.v201",),
}

DOORS: Mapping[str, tuple[str, ...]] = {  # third-party library: the one module that knows it, and the demo's own
    "websockets": ("chargepoint.ocpp.link", "chargepoint.demo.csms"),
    "ocpp": ("chargepoint.demo",),
    "fastjsonschema": ("chargepoint.ocpp.compile_schemas",),
    "pymodbus": ("hw.modbus.wire",),
    "aiohttp": ("chargepoint.web.server", "chargepoint.transfer.http"),  # the page's server, and a client of files
    "aiomqtt": ("chargepoint.mqtt.broker",),
    "paho": ("chargepoint.mqtt.broker",),  # what aiomqtt is built on, and takes of its types
    "asyncssh": ("chargepoint.transfer.sftp",),
    "cryptography": (
        "chargepoint.security.signatures",  # of firmware
        "chargepoint.security.x509",  # certificates and requests for them
        "chargepoint.backup.sealing",  # secrets in a backup
        "chargepoint.demo",  # the demo's own authority
        "hw.mock.signer",  # a simulated meter that signs
    ),
    "systemd": ("chargepoint.journald",),
    "serial": ("hw.serial.port",),
    "luma": ("hw.displays.panels",),
    "PIL": ("hw.displays.picture", "chargepoint.label.picture"),
    "segno": ("hw.displays.qr", "chargepoint.label.qr"),
    "smartcard": ("hw.readers.pcsc",),
    "gpiozero": ("hw.gpio",),
    "gpiod": ("hw.gpio.gpiod_pins",),
    "lgpio": ("hw.gpio.lgpio_pins",),
}


def core_is_pure(tree: Tree) -> list[str]:
    uses = [use for use in tree.uses() if inside(use.module, *PURE)]
    return [f"{use}: the core does no I/O" for use in uses if impure(use)] + [
        f"{use}: arrows point to the core, not from it"
        for use in uses
        if top(use.imported) in OURS and not inside(use.imported, *PURE)
    ]


def impure(use: Use) -> bool:
    return top(use.imported) in NOT_PURE or third_party(use.imported)


def core_opens_no_files(tree: Tree) -> list[str]:
    return [
        f"{module}:{node.lineno} calls {called(node.func)}(): the core does no I/O"
        for module in tree.sources
        if inside(module, *PURE, *PURE_GUARD)
        for node in tree.nodes[module]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print", "input")
    ]


def guard_rules_are_pure(tree: Tree) -> list[str]:
    """Also what they import of the guard, and what that imports."""
    return [
        f"{use}: the guard's rules do no I/O"
        for module in reached(tree, PURE_GUARD)
        for use in tree.uses_of(module)
        if impure(use) or (inside(use.imported, *OURS) and not inside(use.imported, "hw.guard", "hw.api", "hw.errors"))
    ]


def reached(tree: Tree, start: Iterable[str]) -> list[str]:
    """These modules and all of the guard that they import, however indirectly."""
    found: list[str] = []
    waiting = [module for module in start if module in tree.sources]
    while waiting:
        module = waiting.pop()
        found.append(module)
        near = {use.imported for use in tree.uses_of(module) if inside(use.imported, "hw.guard")}
        waiting += sorted(name for name in near if name in tree.sources and name not in (*found, *waiting))
    return found


def hw_knows_no_chargepoint(tree: Tree) -> list[str]:
    return [
        f"{use}: hw imports nothing from chargepoint"
        for use in tree.uses()
        if inside(use.module, "hw") and inside(use.imported, "chargepoint", "tests", "bench")
    ]


def chargepoint_uses_the_doors_to_hw(tree: Tree) -> list[str]:
    return [
        f"{use}: chargepoint reaches hw through {', '.join(DOORS_TO_HW)}"
        for use in tree.uses()
        if inside(use.module, "chargepoint") and inside(use.imported, "hw") and use.imported not in DOORS_TO_HW
    ]


def versions_stand_alone(tree: Tree) -> list[str]:
    return [
        f"{use}: versions do not import each other"
        for use in tree.uses()
        for package, others in VERSIONS.items()
        if inside(use.module, package)
        and inside(use.imported, *VERSIONS)
        and not inside(use.imported, package, *others)
    ]


def versions_are_loaded_when_spoken(tree: Tree) -> list[str]:
    return [
        f"{use}: only the negotiated dialect is loaded, by name"
        for use in tree.uses()
        if inside(use.module, *OURS) and inside(use.imported, *VERSIONS) and not inside(use.module, *VERSIONS)
    ]


def libraries_have_one_door(tree: Tree) -> list[str]:
    return [
        f"{use}: the door to {top(use.imported)} is {' or '.join(DOORS.get(top(use.imported), ('not built yet',)))}"
        for use in tree.uses()
        if inside(use.module, *OURS)
        and third_party(use.imported)
        and not inside(use.module, *DOORS.get(top(use.imported), ()))
    ]


def databases_belong_to_the_store(tree: Tree) -> list[str]:
    return [
        f"{use}: SQLite belongs to chargepoint.store"
        for use in tree.uses()
        if top(use.imported) == "sqlite3" and not inside(use.module, "chargepoint.store")
    ]


def the_demo_is_no_part_of_the_daemon(tree: Tree) -> list[str]:
    return [
        f"{use}: only the command line starts the demo"
        for use in tree.uses()
        if inside(use.imported, "chargepoint.demo")
        and inside(use.module, "chargepoint")
        and not inside(use.module, "chargepoint.demo", "chargepoint.cli", "chargepoint.__main__")
    ]


NEIGHBOURS: Mapping[str, tuple[str, ...]] = {  # package: what it may not know of chargepoint
    "chargepoint.store": ("chargepoint.ocpp", "chargepoint.web", "chargepoint.tasks", "chargepoint.app"),
    "chargepoint.ocpp": ("chargepoint.web", "chargepoint.tasks", "chargepoint.store", "chargepoint.app"),
    "chargepoint.web": ("chargepoint.ocpp", "chargepoint.tasks", "chargepoint.store", "chargepoint.app"),
    "chargepoint.mqtt": ("chargepoint.ocpp", "chargepoint.store", "chargepoint.app"),
    "chargepoint.tasks": ("chargepoint.ocpp", "chargepoint.web", "chargepoint.app"),
}


def neighbours_do_not_know_each_other(tree: Tree) -> list[str]:
    return [
        f"{use}: only app.py knows both"
        for use in tree.uses()
        for package, strangers in NEIGHBOURS.items()
        if inside(use.module, package) and inside(use.imported, *strangers)
    ]


RULES: tuple[Rule, ...] = (
    core_is_pure,
    core_opens_no_files,
    guard_rules_are_pure,
    hw_knows_no_chargepoint,
    chargepoint_uses_the_doors_to_hw,
    versions_stand_alone,
    versions_are_loaded_when_spoken,
    libraries_have_one_door,
    databases_belong_to_the_store,
    the_demo_is_no_part_of_the_daemon,
    neighbours_do_not_know_each_other,
)
