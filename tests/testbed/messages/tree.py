"""Walks over syntax trees that look no further than they must: those of the whole package are large."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_BODIES = ("body", "orelse", "handlers", "finalbody", "cases")


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below, however deep, without a look into its expressions: they hold none."""
    for name in _BODIES:
        for inner in getattr(node, name, ()):
            if isinstance(inner, ast.stmt):
                yield inner
            yield from statements(inner)


def children(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes just below that may hold a call, in the order of the source."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield from (item for item in value if isinstance(item, ast.AST))
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            yield value
