"""The mistakes that `./dev mutants` makes, and the record of those that are let live."""

import ast

import pytest

from tests.mutation.changes import changes
from tests.mutation.record import Record, mutants_of


def made(source: str) -> list[str]:
    return [change.told for change in changes(source)[1]]


def inside(body: str) -> list[str]:
    return made(f"def f():\n    {body}")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("if a < 3: b()", ["b() → nothing", "a < 3 → a <= 3", "a < 3 → a >= 3", "3 → 4"]),
        ("if busy: b()", ["b() → nothing", "busy → not busy"]),
        ("x = a and b", ["a and b → b", "a and b → a"]),
        ("x = not a", ["not a → a"]),
        ("x = a + 1", ["a + 1 → a - 1", "1 → 2"]),
        ("x = min(a, b)", ["min(a, b) → max(a, b)", "a → None", "b → None"]),
        ("x = c if a else b", ["c if a else b → c if not a else b"]),
        ("x = True", ["True → False"]),
        ("x = 'closed'", ["'closed' → 'other closed'"]),
        ("self.x = a", ["self.x = a → nothing"]),
        ("return a", ["return a → return None"]),
        ("raise a", ["raise a → nothing"]),
        ("x = a[1:]", ["1: → :", "1 → 2"]),
    ],
)
def test_a_mistake_of_each_kind(source: str, told: list[str]) -> None:
    assert sorted(inside(source)) == sorted(told)


def test_a_row_of_a_table_is_left_out() -> None:
    assert made("TABLE = {a: b, c: d}") == ["without a", "without c"]
    assert made("GRANTED = (a, b, c)") == ["without a", "without b", "without c"]


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "import x",
        "x: int",
        "Kind = Literal['a', 'b']",
        "Answer = Accept | Refuse",
        "WHY = 'A sentence that somebody reads.'",
        "@dataclass(frozen=True)\nclass A:\n    x: int",
        "if TYPE_CHECKING:\n    from x import y",
    ],
)
def test_what_nobody_requires_is_left_alone(source: str) -> None:
    assert made(source) == []


def test_a_change_is_in_the_tree_once_it_is_applied_and_nowhere_else() -> None:
    source = "def f(a):\n    return a > 1 and g(a)"
    for number in range(len(changes(source)[1])):
        tree, found = changes(source)
        found[number].apply()
        assert ast.unparse(tree) != ast.unparse(ast.parse(source))
        compile(tree, "f.py", "exec")


def test_the_same_change_twice_in_a_line_has_two_names() -> None:
    assert made("X = {1: 1}") == ["without 1", "1 → 2", "1 → 2 #2"]


def test_every_survivor_that_is_explained_can_still_be_made() -> None:
    explained = Record.read().explained
    for module in {name.partition(" ")[0] for name in explained}:
        assert {name for name in explained if name.startswith(f"{module} ")} <= set(mutants_of(module))
