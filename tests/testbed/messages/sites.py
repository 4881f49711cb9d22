"""Every call of the source that makes a finding or an error, with what it says as the source writes it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.testbed.messages.finding_codes import ROOT, Codes, Function, gives_codes
from tests.testbed.messages.tree import children, statements

PACKAGE = ROOT / "mlgitops"
FAILS = "self.fail"
"""How click's types of parameters refuse a value, by a ``BadParameter``."""
Class = tuple[str, str]
"""The module that defines a class, and its name there."""
ROOTS = (("errors.py", "MlgitopsError"), ("click", "UsageError"), ("promotion/gates/facts.py", "MissingError"))
"""The classes whose messages people meet, and with them all that are made of them."""
INVALID = "invalid-value"
"""The code of what the validators of the kinds refuse."""
BELOW_KINDS = frozenset({"spec/cel.py", "spec/cron.py", "spec/merge.py"})
"""Their errors are for their callers, which make findings of other codes of them."""
SILENT = frozenset({"FindingsError"})
"""It has no words of its own: it carries findings."""

Place = tuple[str, int, int]
"""A file within the package, and the line and column where a call ends."""
Key = tuple[Place, str]
"""Where a call is, and what it makes: the name of an error's class, or a finding's code."""


@dataclass(frozen=True)
class Site:
    """A call: the module, the function that it stands in, what it makes, and its words."""

    module: str
    function: str
    makes: str
    words: str
    number: int = 1

    @property
    def name(self) -> str:
        """What snapshots call it: the same as long as its words are, wherever in its function it stands."""
        within = f" in {self.function}" if self.function else ""
        again = f" ({self.number})" if self.number > 1 else ""
        return f"{self.makes}{within}{again}: {self.words}"


def sites() -> dict[Key, Site]:
    """Every site."""
    trees = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_bytes()) for path in PACKAGE.rglob("*.py")}
    found = {**_of_errors(trees), **_of_findings(trees), **_of_kinds(trees)}
    return dict(_numbered(found))


def _numbered(found: Mapping[Key, Site]) -> Iterator[tuple[Key, Site]]:
    """Sites that are alike get numbers, in the order in which they stand in the source."""
    times: Counter[Site] = Counter()
    for key in sorted(found):
        times[found[key]] += 1
        yield key, replace(found[key], number=times[found[key]])


def _of_kinds(trees: Mapping[str, ast.Module]) -> dict[Key, Site]:
    """What the kinds themselves refuse by a ``ValueError``, which becomes a finding."""
    return {
        (_place(module, call), INVALID): Site(module, function, INVALID, _words(call))
        for module, tree in trees.items()
        if module.startswith("spec/") and module not in BELOW_KINDS
        for function, call in calls(tree)
        if ast.unparse(call.func) == "ValueError"
    }


def _of_findings(trees: Mapping[str, ast.Module]) -> dict[Key, Site]:
    codes = Codes({f"mlgitops/{module}": tree for module, tree in sorted(trees.items()) if gives_codes(module)})
    return {
        (_place(module, call), code): Site(module, function, code, _words(call, without=code))
        for module, function, call in codes.written()
        for code in codes.sites[call]
        if code != INVALID  # of which the words are those of _of_kinds
    }


def _of_errors(trees: Mapping[str, ast.Module]) -> dict[Key, Site]:
    errors = _Errors(trees)
    return {
        (_place(module, call), name): Site(module, function, name, _words(call))
        for module, tree in trees.items()
        if errors.knows_any(module)
        for function, call in calls(tree)
        if (name := errors.name(module, call.func)) is not None
    }


class _Errors:
    """Which names mean classes that are made of ``ROOTS``, module by module."""

    def __init__(self, trees: Mapping[str, ast.Module]) -> None:
        classes: list[tuple[str, ast.ClassDef]] = []
        self._meant: dict[str, dict[str, Class]] = {}
        for module, tree in trees.items():
            nodes = [node for node in statements(tree) if isinstance(node, ast.ClassDef | ast.ImportFrom)]
            classes += [(module, node) for node in nodes if isinstance(node, ast.ClassDef)]
            self._meant[module] = dict(_meanings(module, nodes))
        bases = {(module, node.name): {self._meaning(module, base) for base in node.bases} for module, node in classes}
        self._known: set[Class] = set(ROOTS)
        while more := {one for one, above in bases.items() if above & self._known} - self._known:
            self._known |= more

    def knows_any(self, module: str) -> bool:
        """Whether a module can make errors at all."""
        return module.startswith("cli/") or any(meaning in self._known for meaning in self._meant[module].values())

    def name(self, module: str, called: ast.expr) -> str | None:
        """The class that a call makes; None for any other call."""
        if ast.unparse(called) == FAILS:
            return "BadParameter"
        meaning = self._meaning(module, called)
        return meaning[1] if meaning in self._known and meaning[1] not in SILENT else None

    def _meaning(self, module: str, named: ast.expr) -> Class:
        owner, _, name = ast.unparse(named).rpartition(".")
        return (owner, name) if owner else self._meant[module].get(name, ("", name))


def _meanings(module: str, nodes: list[ast.ClassDef | ast.ImportFrom]) -> Iterator[tuple[str, Class]]:
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield node.name, (module, node.name)
        elif node.module:
            path = node.module.removeprefix("mlgitops.").replace(".", "/") + ".py"
            yield from ((alias.asname or alias.name, (path, alias.name)) for alias in node.names)


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Every call, with the function that it stands in, such as ``Client._refusal``."""
    found: list[tuple[str, ast.Call]] = []

    def look(node: ast.AST, within: str) -> None:
        for child in children(node):
            if isinstance(child, ast.Call):
                found.append((within, child))
            look(child, f"{within}.{child.name}".lstrip(".") if isinstance(child, Function | ast.ClassDef) else within)

    look(tree, "")
    return found


def _place(module: str, call: ast.Call) -> Place:
    return module, call.end_lineno or 0, call.end_col_offset or 0


def _words(call: ast.Call, without: str = "") -> str:
    """What a call says, values as ``{}``: its message, then its help."""
    given = [_text(argument) for argument in [*call.args, *(keyword.value for keyword in call.keywords)]]
    return " | ".join(text for text in given if text not in ("", without)) or "{}"


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return " ".join(text.split())
        case ast.JoinedStr(values=values):
            return " ".join("".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values).split())
        case ast.BinOp(left=left, right=right):
            return f"{_text(left) or '{}'}{_text(right) or '{}'}"
        case ast.IfExp(body=one, orelse=other):
            return " / ".join(filter(None, [_text(one), _text(other)]))
    return ""
