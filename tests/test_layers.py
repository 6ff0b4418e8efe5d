"""The arrows between the parts, read from their imports; and proof that each rule bites."""

import pytest

from tests.layers import (
    RULES,
    Rule,
    Tree,
    chargepoint_uses_the_doors_to_hw,
    core_is_pure,
    core_opens_no_files,
    databases_belong_to_the_store,
    guard_rules_are_pure,
    hw_knows_no_chargepoint,
    libraries_have_one_door,
    neighbours_do_not_know_each_other,
    read_tree,
    the_demo_is_no_part_of_the_daemon,
    versions_are_loaded_when_spoken,
    versions_stand_alone,
)


@pytest.fixture(scope="module")
def tree() -> Tree:
    return read_tree("chargepoint", "hw")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_arrows_point_where_they_should(tree: Tree, rule: Rule) -> None:
    assert rule(tree) == []


def test_the_whole_tree_is_read(tree: Tree) -> None:
    assert {"chargepoint.core.facts", "hw.api", "chargepoint.ocpp.dialect"} <= tree.sources.keys()
    assert len(tree.uses()) > 100


# --- each rule bites --------------------------------------------------------------------------------------------------


def one(module: str, source: str, *others: str) -> Tree:
    """A made-up tree: a module with that source, and empty ones."""
    return Tree({module: source, **dict.fromkeys(others, "")}, frozenset({"chargepoint", "hw"}))


BITES = [
    (core_is_pure, one("chargepoint.core.x", "import asyncio")),
    (core_is_pure, one("chargepoint.core.x", "from sqlite3 import connect")),
    (core_is_pure, one("chargepoint.core.x", "import logging.handlers")),
    (core_is_pure, one("chargepoint.core.x", "def f():\n    import time")),
    (core_is_pure, one("chargepoint.core.x", "if TYPE_CHECKING:\n    from pathlib import Path")),
    (core_is_pure, one("chargepoint.core.x", "import attrs")),
    (core_is_pure, one("chargepoint.core.x", "from hw.api import Reading")),
    (core_is_pure, one("chargepoint.core.x", "from chargepoint.ocpp.dialect import Verdict")),
    (core_is_pure, one("chargepoint.core.x", "from ..store import journal", "chargepoint.store.journal")),
    (core_is_pure, one("chargepoint.core.x", "from chargepoint import config", "chargepoint.config")),
    (core_is_pure, one("chargepoint.core.x", "import_module('chargepoint.app')")),
    (core_opens_no_files, one("chargepoint.core.x", "open('/etc/passwd')")),
    (core_opens_no_files, one("hw.guard.rules", "print('closed')")),
    (guard_rules_are_pure, one("hw.guard.rules", "import asyncio")),
    (guard_rules_are_pure, one("hw.guard.lease", "import time")),
    (guard_rules_are_pure, one("hw.guard.lease", "from hw.discovery import load")),
    (
        guard_rules_are_pure,
        Tree({"hw.guard.rules": "from hw.guard import faults", "hw.guard.faults": "import socket"}),
    ),
    (
        guard_rules_are_pure,
        Tree({"hw.guard.rules": "from .a import x", "hw.guard.a": "from .b import x", "hw.guard.b": "import os"}),
    ),
    (hw_knows_no_chargepoint, one("hw.mock.car", "from chargepoint.core.facts import Token")),
    (hw_knows_no_chargepoint, one("hw.mock.car", "import chargepoint")),
    (hw_knows_no_chargepoint, one("hw.mock.car", "import tests.rig")),
    (chargepoint_uses_the_doors_to_hw, one("chargepoint.app", "from hw.mock.car import Car")),
    (chargepoint_uses_the_doors_to_hw, one("chargepoint.app", "from hw import gpio", "hw.gpio")),
    (chargepoint_uses_the_doors_to_hw, one("chargepoint.app", "from hw.guard import rules", "hw.guard.rules")),
    (chargepoint_uses_the_doors_to_hw, one("chargepoint.app", "import_module('hw.guard.loop')")),
    (versions_stand_alone, one("chargepoint.ocpp.v16.status", "from chargepoint.ocpp.v201 import words")),
    (versions_stand_alone, one("chargepoint.ocpp.v201.status", "from ..v16.words import STATUS")),
    (versions_stand_alone, one("chargepoint.ocpp.v201.status", "from chargepoint.ocpp.v21 import words")),
    (versions_stand_alone, one("chargepoint.ocpp.v21.status", "import chargepoint.ocpp.v16.words")),
    (versions_are_loaded_when_spoken, one("chargepoint.app", "from chargepoint.ocpp.v16 import DIALECT")),
    (versions_are_loaded_when_spoken, one("chargepoint.ocpp.outbox", "import chargepoint.ocpp.v201.words")),
    (libraries_have_one_door, one("chargepoint.ocpp.conversation", "import websockets")),
    (libraries_have_one_door, one("chargepoint.web.api", "from aiohttp import web")),
    (libraries_have_one_door, one("chargepoint.ocpp.v16.words", "from ocpp.v16.enums import Action")),
    (libraries_have_one_door, one("chargepoint.ocpp.schemas", "def f():\n    import fastjsonschema")),
    (libraries_have_one_door, one("hw.mock.car", "import numpy")),
    (databases_belong_to_the_store, one("chargepoint.web.sessions", "import sqlite3")),
    (the_demo_is_no_part_of_the_daemon, one("chargepoint.app", "from chargepoint.demo import csms")),
    (neighbours_do_not_know_each_other, one("chargepoint.web.api", "from chargepoint.ocpp.rpc import Call")),
    (neighbours_do_not_know_each_other, one("chargepoint.ocpp.outbox", "import chargepoint.store.journal")),
    (neighbours_do_not_know_each_other, one("chargepoint.tasks.cards", "from chargepoint.app import run")),
]


@pytest.mark.parametrize(("rule", "broken"), BITES, ids=lambda part: getattr(part, "__name__", ""))
def test_a_rule_bites(rule: Rule, broken: Tree) -> None:
    found = rule(broken)
    assert len(found) == 1
    assert next(iter(broken.sources)) in found[0] or "hw.guard." in found[0]


def test_every_rule_has_been_seen_to_bite() -> None:
    assert {rule for rule, _ in BITES} == set(RULES)


ALLOWED = [
    one("chargepoint.core.x", "import math, datetime, enum, dataclasses, uuid\nfrom chargepoint.core import facts"),
    one("chargepoint.core.x", "from .facts import Token"),
    one("hw.guard.rules", "from hw.api import Permit\nfrom hw.errors import Fixable\nfrom hw.guard.faults import WELD"),
    one("hw.guard.loop", "import asyncio, socket, time"),
    one("chargepoint.app", "from hw import discovery\nfrom hw.guard.client import Guard", "hw.discovery"),
    one("chargepoint.ocpp.v21.x", "from chargepoint.ocpp.v201.words import STATUS"),
    one("chargepoint.ocpp.v16.x", "from .words import STATUS\nfrom chargepoint.ocpp.dialect import Dialect"),
    one("chargepoint.ocpp.link", "from websockets.asyncio.client import connect"),
    one("chargepoint.demo.csms_v16", "from ocpp.v16 import ChargePoint"),
    one("chargepoint.store.schema", "import sqlite3"),
    one("chargepoint.cli", "def demo():\n    from chargepoint.demo import story"),
    one("chargepoint.app", "import chargepoint.web.server, chargepoint.store.journal, chargepoint.ocpp.conversation"),
]


@pytest.mark.parametrize("fine", ALLOWED, ids=lambda tree: next(iter(tree.sources)))
def test_what_is_allowed_is_let_be(fine: Tree) -> None:
    assert [sentence for rule in RULES for sentence in rule(fine)] == []
