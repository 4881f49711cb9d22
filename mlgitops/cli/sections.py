"""The verbs by what somebody wants to do, for ``mlgitops --help``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Begin": ("init", "import", "doctor", "completion", "version"),
    "Write specs": ("validate", "fmt", "explain", "graph", "render", "schemas"),
    "Change what runs": ("diff", "plan", "apply", "drift", "controller", "rollout", "inventory"),
    "Look at what runs": ("status", "logs", "utilisation", "report", "serve"),
    "Train": ("compile", "run"),
    "Move releases": (
        "release", "promote", "rollback", "release-hold", "retrain", "retire", "review", "gates", "evidence",
        "evaluate", "registry", "ci",
    ),
    "Look back": ("history", "compare", "audit"),
}  # fmt: skip


def sections(verbs: Mapping[str, str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each section with its verbs and what they do; those that no section names come last."""
    named = {verb for members in SECTIONS.values() for verb in members}
    others = tuple(verb for verb in verbs if verb not in named)
    for title, members in {**SECTIONS, "Others": others}.items():
        rows = [(verb, verbs[verb]) for verb in members if verb in verbs]
        if rows:
            yield title, rows
