"""The small mistakes that are put into a module, one at a time: a boundary moved, a condition dropped, a row missing.

Left alone: annotations, decorators, imports, docstrings, and prose (texts with a blank in them, and f-strings): how a
sentence is put is nobody's requirement. Words are not prose: they are states, settings and names that go elsewhere.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Put = Callable[[ast.AST], None]


@dataclass(frozen=True)
class Change:
    """One mutant: what to alter in a tree, where it is, and how to say it."""

    node: ast.AST
    new: ast.AST
    put: Put  # into the tree that it was found in
    where: str  # "Session.handle"; "" at the top of the module
    line: str  # of the source
    told: str  # "a < b → a <= b", and "#2" where a line has the same twice
    lines: range  # that run it; of those around it, where it is no statement
    inside: Function | None  # the outermost function whose body has it; None: it happens at import
    names: frozenset[str]  # what the statement defines, where it happens at import

    def apply(self) -> None:
        ast.copy_location(self.new, self.node)
        self.put(ast.fix_missing_locations(self.new))


@dataclass
class Surroundings:
    """What is around a node on the way down."""

    path: tuple[str, ...] = ()
    inside: Function | None = None
    statement: ast.stmt | None = None
    names: frozenset[str] = frozenset()
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)


def changes(source: str) -> tuple[ast.Module, list[Change]]:
    """A tree, and every change that can be made to it."""
    tree = ast.parse(source)
    return tree, list(_Finder(source.splitlines()).body(tree.body, Surroundings()))


class _Finder:
    def __init__(self, source: list[str]) -> None:
        self.source = source

    # --- statements ---------------------------------------------------------------------------------------------------

    def body(self, block: list[ast.stmt], around: Surroundings) -> Iterator[Change]:
        for index, statement in enumerate(block):
            yield from self.statement(statement, _into(block, index), around)

    def statement(self, node: ast.stmt, put: Put, around: Surroundings) -> Iterator[Change]:
        here = Surroundings(around.path, around.inside, node, around.names, around.seen)
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from self.function(node, here)
            case ast.ClassDef():
                inner = Surroundings(
                    (*around.path, node.name), around.inside, node, frozenset({node.name}), around.seen
                )
                yield from self.body(node.body, inner)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                return
            case _ if _only_types(node, here):
                return
            case _:
                here.names |= _defined(node)
                yield from self.left_out(node, put, here)
                yield from self.parts(node, here)

    def function(self, node: Function, around: Surroundings) -> Iterator[Change]:
        outside = Surroundings(around.path, around.inside, node, around.names | {node.name}, around.seen)
        yield from self.parts(node.args, outside)  # defaults are worked out when the function is defined
        inner = Surroundings((*around.path, node.name), around.inside or node, node, frozenset(), around.seen)
        yield from self.body(node.body, inner)

    def left_out(self, node: ast.stmt, put: Put, around: Surroundings) -> Iterator[Change]:
        """The statement without its effect."""
        new: ast.stmt
        match node:
            case ast.Expr() | ast.Delete() | ast.Raise():
                new = ast.Pass()
            case ast.Break():
                new = ast.Continue()
            case ast.Continue():
                new = ast.Break()
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) if around.inside:
                new = ast.Pass()
            case ast.AugAssign():
                new = ast.Pass()
            case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant | ast.JoinedStr):
                new = ast.Return(ast.Constant(None))
            case _:
                return
        yield self.change(node, new, put, around)

    # --- what statements consist of -----------------------------------------------------------------------------------

    def parts(self, node: ast.AST, around: Surroundings) -> Iterator[Change]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "ctx", "bases", "keywords") and not (
                name == "keywords" and isinstance(node, ast.Call)
            ):
                continue
            if isinstance(value, list):
                for index, member in enumerate(value):
                    yield from self.part(member, _into(value, index), around)
            elif isinstance(value, ast.AST):
                yield from self.part(value, _onto(node, name), around)

    def part(self, node: ast.AST, put: Put, around: Surroundings) -> Iterator[Change]:
        if isinstance(node, ast.stmt):
            yield from self.statement(node, put, around)
        elif isinstance(node, ast.AST) and not isinstance(node, ast.JoinedStr):
            for new in alternatives(node, around):
                yield self.change(node, new, put, around)
            if isinstance(node, ast.Call):
                for argument, forget in arguments(node):
                    yield self.change(argument, ast.Constant(None), forget, around)
            for new, member in shorter(node, around):
                yield self.change(node, new, put, around, member)
            yield from self.parts(node, around)

    def change(
        self, node: ast.AST, new: ast.AST, put: Put, around: Surroundings, dropped: ast.AST | None = None
    ) -> Change:
        at = dropped or node
        line = self.source[_first_line(at, around.statement) - 1].strip()
        told = f"without {_told(dropped)}" if dropped else f"{_told(node)} → {_told(new)}"
        key = ".".join(around.path), line, told
        around.seen[key] += 1
        told += f" #{around.seen[key]}" if around.seen[key] > 1 else ""
        return Change(
            node, new, put, key[0], line, told, _lines(at, around.statement), around.inside, around.names
        )  # fmt: skip


def _into(block: list[Any], index: int) -> Put:
    def put(new: ast.AST) -> None:
        block[index] = new

    return put


def _onto(node: ast.AST, name: str) -> Put:
    return lambda new: setattr(node, name, new)


def _first_line(node: ast.AST, statement: ast.stmt | None) -> int:
    return getattr(node, "lineno", None) or (statement.lineno if statement else 1)


def _lines(node: ast.AST, statement: ast.stmt | None) -> range:
    """A test that runs one of these lines runs the change."""
    first = _first_line(node, statement)
    last = getattr(node, "end_lineno", None) or first
    simple = statement is not None and not hasattr(statement, "body") and not hasattr(statement, "cases")
    if simple and statement is not None:  # Python counts a statement's lines as it likes
        first, last = statement.lineno, statement.end_lineno or last
    return range(first, last + 1)


def _told(node: ast.AST) -> str:
    if isinstance(node, ast.Slice | ast.comprehension | ast.match_case):
        return " ".join(ast.unparse(node).split())
    return "nothing" if isinstance(node, ast.Pass) else " ".join(ast.unparse(node).split())


def _only_types(node: ast.stmt, around: Surroundings) -> bool:
    """`Answer = Accept | Refuse`, `Kind = Literal[...]`, `T = TypeVar("T")`, and fields without a default."""
    match node:
        case ast.AnnAssign(value=None):
            return True
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if around.inside is None:
            names = [part.id for part in ast.walk(value) if isinstance(part, ast.Name)]
            if name == "T" or "TypeVar" in names or "Literal" in names:
                return True
            return isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr) and not any(map(str.isupper, names))
    return False


def _defined(node: ast.stmt) -> frozenset[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return frozenset(part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


# --- expressions ------------------------------------------------------------------------------------------------------


def alternatives(node: ast.AST, around: Surroundings) -> Iterator[ast.AST]:
    """What could stand here by mistake."""
    match node:
        case ast.Constant(value=value):
            yield from _other_values(value)
        case ast.Compare():
            yield from _other_comparisons(node)
        case ast.BoolOp():
            yield from _fewer_conditions(node)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC and not _joins(left, right):
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.Call():
            yield from _other_calls(node)
        case ast.IfExp(test=test, body=body, orelse=orelse) if _plain(test):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Slice(lower=lower, upper=upper, step=step):
            if lower is not None:
                yield ast.Slice(None, upper, step)
            if upper is not None:
                yield ast.Slice(lower, None, step)
        case ast.comprehension(ifs=[_, *_]):
            yield from (
                ast.comprehension(node.target, node.iter, _without(node.ifs, index), node.is_async)
                for index in range(len(node.ifs))
            )
        case ast.match_case(guard=ast.expr()):
            yield ast.match_case(node.pattern, None, node.body)
    yield from _turned_round(node, around)


def _turned_round(node: ast.AST, around: Surroundings) -> Iterator[ast.AST]:
    """`if busy:` is `if not busy:`; comparisons and the like are changed in themselves."""
    if isinstance(around.statement, ast.If | ast.While) and node is around.statement.test and _plain(node):
        yield ast.UnaryOp(ast.Not(), node)


def _plain(test: ast.AST) -> bool:
    return isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.NamedExpr)


def _other_values(value: object) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int() | float():
            yield ast.Constant(value + 1)
        case str() if not any(map(str.isspace, value)):
            yield ast.Constant(f"other {value}".strip())


def _other_comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for index, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield ast.Compare(node.left, [*node.ops[:index], other(), *node.ops[index + 1 :]], node.comparators)


def _fewer_conditions(node: ast.BoolOp) -> Iterator[ast.AST]:
    for index in range(len(node.values)):
        left = _without(node.values, index)
        yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def _without(members: list[Any], index: int) -> list[Any]:
    return members[:index] + members[index + 1 :]


def _joins(*sides: ast.expr) -> bool:
    """Texts and lists are joined; nobody subtracts them by mistake."""
    return any(
        isinstance(side, ast.JoinedStr | ast.List | ast.Tuple)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in sides
    )


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in OPPOSITES:
        yield ast.Call(ast.Name(OPPOSITES[node.func.id], ast.Load()), node.args, node.keywords)


def arguments(call: ast.Call) -> Iterator[tuple[ast.expr, Put]]:
    """What is handed over to a function, and could be forgotten; constants are changed in themselves."""
    if isinstance(call.func, ast.Name) and call.func.id in ("isinstance", "frozenset", "tuple", "set", "list"):
        return
    for index, argument in enumerate(call.args):
        if not isinstance(argument, ast.Constant | ast.Starred):
            yield argument, _into(call.args, index)
    for keyword in call.keywords:
        if keyword.arg is not None and not isinstance(keyword.value, ast.Constant):
            yield keyword.value, _onto(keyword, "value")


def shorter(node: ast.AST, around: Surroundings) -> Iterator[tuple[ast.AST, ast.AST]]:
    """A table, list or set that lacks a member, and that member."""
    match node:
        case ast.Dict(keys=keys, values=values):
            for index, (key, value) in enumerate(zip(keys, values, strict=True)):
                yield ast.Dict(_without(keys, index), _without(values, index)), key or value
        case ast.Set(elts=members) if len(members) > 1:
            for index, member in enumerate(members):
                yield ast.Set(_without(members, index)), member
        case ast.List(elts=members):
            for index, member in enumerate(members):
                yield ast.List(_without(members, index), ast.Load()), member
        case ast.Tuple(elts=members) if around.inside is None and len(members) > 2:
            for index, member in enumerate(members):
                yield ast.Tuple(_without(members, index), ast.Load()), member
