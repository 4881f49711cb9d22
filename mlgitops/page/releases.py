"""A model's releases: what could come next and what gates say of it, what came when, and how good each was. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mlgitops.page.element import Html, element, joined, link
from mlgitops.page.frame import Signed, wide
from mlgitops.page.model import Candidate, Subject
from mlgitops.page.plot import line_plot, timeline
from mlgitops.promotion.columns import Column, rows
from mlgitops.promotion.history import Event
from mlgitops.promotion.judgement import Verdict
from mlgitops.spec.secrets import mask

_SIGNS = {Verdict.OK: "✔", Verdict.WARN: "!", Verdict.BLOCK: "✖"}
_STATES = {Verdict.OK: "ready", Verdict.WARN: "progressing", Verdict.BLOCK: "failed"}


def table(titles: Iterable[str], lines: Iterable[Sequence[object]], label: str) -> Html:
    """A table whose first column names its rows."""
    head = element("tr", *(element("th", title, scope="col") for title in titles))
    body = [
        element("tr", element("th", line[0], scope="row"), *(element("td", cell) for cell in line[1:]))
        for line in lines
    ]
    return wide(label, element("table", element("thead", head), element("tbody", *body)))


def candidates(subject: Subject, signed: Signed | None) -> Html:
    """What can be promoted, with its gates; a button that opens the pull request where somebody is signed in."""
    if not subject.candidates:
        return element("p", "Every environment has the release of the one before it.")
    return joined(_candidate(subject, one, signed) for one in subject.candidates)


def _candidate(subject: Subject, one: Candidate, signed: Signed | None) -> Html:
    title = element("h3", f"{one.version or 'A release'} from {one.source} to {one.target}")
    waits = [element("p", link(one.url, f"Pull request {one.number}") if one.url else f"Pull request {one.number}",
                     " waits to be merged.")] if one.number else []  # fmt: skip
    if one.problem:
        return joined([title, *waits, element("p", one.problem, class_="problems")])
    gates = [
        (gate.name, element("span", f"{_SIGNS[gate.verdict]} {gate.verdict}", class_=f"state {_STATES[gate.verdict]}"),
         mask(gate.value), mask(gate.bound), mask(gate.message))
        for gate in one.gates
    ]  # fmt: skip
    titles = ("Gate", "Verdict", "Value", "Bound", "What it means")
    told = table(titles, gates, f"Gates of {one.target}") if gates else element("p", f"{one.target} has no gates.")
    return joined([title, *waits, told, *([_form(subject, one, signed)] if signed else [])])


def _form(subject: Subject, one: Candidate, signed: Signed) -> Html:
    hidden = {"csrf": signed.token, "model": subject.name, "source": one.source, "target": one.target}
    fields = [element("input", type="hidden", name=name, value=value) for name, value in hidden.items()]
    said = f"Open the pull request to {one.target}"
    note = element("small", f" as {signed.user}; nothing changes before it is reviewed and merged")
    return element("form", *fields, element("button", said, type="submit"), note, method="post", action="../promote")


def history(subject: Subject, environments: Sequence[str]) -> Html:
    """The timeline, and a table of every release that came or went, the latest first."""
    if not subject.events:
        return element("p", subject.note or "No release is in the history yet.")
    titles = ("When", "Environment", "Release", "How", "Pull request", "Approved by", "Gates", "Commit")
    lines = [_event(one) for one in reversed(subject.events)]
    return joined([
        wide("Releases over time", timeline(subject.events, environments)), table(titles, lines, "Every release"),
    ])  # fmt: skip


def _event(one: Event) -> tuple[object, ...]:
    gates = ", ".join(f"{name} {verdict}" for name, verdict in one.gates)
    how = one.kind or ("by hand" if one.version else "removed")
    return (
        element("time", one.time, datetime=one.time), one.environment, one.version or "(none)",
        f"{how} from {one.source}" if one.source else how, f"#{one.pull_request}" if one.pull_request else "",
        ", ".join(one.approved_by), gates, element("code", one.commit[:12]),
    )  # fmt: skip


def metrics(columns: Sequence[Column]) -> Html:
    """A plot for each metric that any release has, oldest first, and the releases side by side."""
    if not columns:
        return element("p", "No release has evidence with metrics.")
    oldest_first = columns[::-1]
    names = dict.fromkeys(name for column in columns for name in column.metrics)
    plots = [
        line_plot(name, [(one.release.version, one.metrics[name]) for one in oldest_first if name in one.metrics])
        for name in names
    ]
    measured = {column.measured_on for column in columns if column.metrics}
    remark = "The metrics are not comparable: they were not measured on the same data."
    note = [element("p", remark, class_="problems")] if len(measured) > 1 or "" in measured else []
    lines = [(row.name, *row.values) for row in rows(columns)]
    side = table(("Field", *(column.label for column in columns)), lines, "Releases side by side")
    beside = element("details", element("summary", "Side by side"), side)
    return joined([*note, element("div", *plots, class_="plots"), beside])
