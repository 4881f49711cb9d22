"""Graphs as pictures: the way of a release through environments, and what depends on what. Pure.

``drawing`` has the data, ``promotion`` and ``dependencies`` make it of resolved environments, ``mermaid``, ``dot`` and
``svg`` write it down; ``layout`` says where each box of the SVG stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mlgitops.report.graph import dot, mermaid, svg
from mlgitops.report.graph.drawing import Drawing

FORMATS: Mapping[str, Callable[[Drawing], str]] = {"mermaid": mermaid.text, "dot": dot.text, "svg": svg.text}
"""How a drawing is written, by the name of the format. The same drawing gives the same bytes."""
