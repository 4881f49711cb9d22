"""Codes of findings, followed through the source.

From every call that makes something with a ``code``, through the functions that hand a code on, back to where it is
written. A code that is put together in a way that cannot be followed raises ``AssertionError``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.testbed.messages.tree import children, statements

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("sources", "spec", "check", "compile", "render", "promotion", "workflows")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Use(NamedTuple):
    """A code as the source writes it."""

    code: str
    severity: str


class Place(NamedTuple):
    """A parameter that takes a code, or with ``prefix`` the rest of one. ``module`` is set for private names."""

    module: str
    callee: str
    parameter: str
    position: int
    prefix: str = ""
    warns: bool = False


class Here(NamedTuple):
    """Where an expression stands, and what is known of the finding that it gives a code to."""

    module: str
    function: Function | None
    prefix: str = ""
    warns: bool = False
    call: ast.Call | None = None


class Codes:
    """All codes in ``trees``: what modules parse to, by path."""

    def __init__(self, trees: Mapping[str, ast.Module]) -> None:
        self.uses: set[Use] = set()
        self.sites: dict[ast.Call, set[str]] = {}
        """The calls at which codes are written, or chosen, with these codes."""
        self._trees = trees
        self._calls = [call for path, tree in trees.items() for call in calls(path, tree)]
        self._by_name: dict[str, list[tuple[Here, ast.Call]]] = {}
        for here, call in self._calls:
            self._by_name.setdefault(name_of(call.func), []).append((here, call))
        seen: set[Place] = set()
        self._left = [place for tree in trees.values() for place in holders(tree)]
        while self._left:
            place = self._left.pop()
            if place not in seen:
                seen.add(place)
                self._follow(place)

    def written(self) -> Iterator[tuple[str, str, ast.Call]]:
        """The calls of ``sites``: module, function, call."""
        for here, call in self._calls:
            if call in self.sites:
                yield here.module.removeprefix("mlgitops/"), here.function.name if here.function else "", call

    def _follow(self, place: Place) -> None:
        for here, call in self._by_name.get(place.callee, ()):
            if place.module not in ("", here.module):
                continue
            if any(keyword.arg is None for keyword in call.keywords):  # a copy: Finding(**data)
                continue
            given = argument(call, place)
            if given is None:
                raise AssertionError(f"{here.module}:{call.lineno}: {ast.unparse(call)} gives no {place.parameter}")
            warns = place.warns or "Severity.WARNING" in ast.unparse(call)
            self._read(given, here._replace(call=call, prefix=place.prefix, warns=warns))

    def _read(self, given: ast.expr, here: Here) -> None:
        match given:
            case ast.Constant(value=str(text)):
                self.uses.add(Use(here.prefix + text, "warning" if here.warns else "error"))
                if here.call is not None:
                    self.sites.setdefault(here.call, set()).add(here.prefix + text)
            case ast.IfExp(body=one, orelse=other):
                self._read(one, here)
                self._read(other, here)
            case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue(value=rest)]):
                self._read(rest, here._replace(prefix=here.prefix + prefix))
            case ast.Call(func=ast.Attribute(value=ast.Name() as table, attr="get"), args=[_, default]):
                self._read(table, here)
                self._read(default, here)
            case ast.Dict(values=values):
                for value in values:
                    self._read(value, here)
            case ast.Attribute(attr="code"):
                pass  # whatever has a code was made by a call that is followed itself
            case ast.Name(id=name):
                self._read_name(name, here, given.lineno)
            case _:
                raise AssertionError(f"{here.module}:{given.lineno}: cannot follow the code {ast.unparse(given)}")

    def _read_name(self, name: str, here: Here, line: int) -> None:
        given_on = here.function is not None and name in parameters(here.function)
        values = [*assigned(name, ast.walk(here.function))] if here.function else []
        if not values and not given_on:
            values = [*assigned(name, self._trees[here.module].body)]
        for value in values:
            self._read(value, here)
        if here.function and given_on:
            callee = here.function.name
            module = here.module if callee.startswith("_") else ""
            position = parameters(here.function).index(name)
            self._left.append(Place(module, callee, name, position, here.prefix, here.warns))
        elif not values:
            raise AssertionError(f"{here.module}:{line}: cannot follow the code {name}")


def calls(path: str, tree: ast.AST) -> list[tuple[Here, ast.Call]]:
    """Every call, with where it stands."""
    found: list[tuple[Here, ast.Call]] = []

    def look(node: ast.AST, here: Here) -> None:
        for child in children(node):
            if isinstance(child, ast.Call):
                found.append((here, child))
            look(child, here._replace(function=child) if isinstance(child, Function) else here)

    look(tree, Here(path, None))
    return found


def holders(tree: ast.AST) -> Iterator[Place]:
    """The classes whose instances have a code."""
    for node in statements(tree):
        if isinstance(node, ast.ClassDef):
            fields = [n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)]
            starts = [parameters(n) for n in node.body if isinstance(n, Function) and n.name == "__init__"]
            for names in [fields, *starts]:
                if "code" in names:
                    yield Place("", node.name, "code", names.index("code"))


def parameters(function: Function) -> list[str]:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def assigned(name: str, nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """What ``name`` is set to, alone or in a row of names."""
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                yield value
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                yield from (v for t, v in zip(targets, values, strict=True) if isinstance(t, ast.Name) and t.id == name)


def argument(call: ast.Call, place: Place) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == place.parameter]
    return named[0] if named else next(iter(call.args[place.position : place.position + 1]), None)


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def gives_codes(module: str) -> bool:
    """Whether a module, by its path within the package, is of those that findings come from."""
    return module == "finding.py" or module.partition("/")[0] in ROOMS


def program() -> dict[str, ast.Module]:
    """The modules that findings come from."""
    package = ROOT / "mlgitops"
    paths = [package / "finding.py", *(path for room in ROOMS for path in sorted((package / room).rglob("*.py")))]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_bytes()) for path in paths}
