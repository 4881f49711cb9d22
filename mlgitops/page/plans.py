"""The plan of an environment, and what the audit of its history found. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.page.element import Html, element
from mlgitops.page.frame import document, section, wide
from mlgitops.page.model import Snapshot, Stage, Subject
from mlgitops.page.objects import by_owner, tree
from mlgitops.plan.change import Action, Plan, TargetPlan
from mlgitops.promotion.audit import Verdict
from mlgitops.report.findings import counted
from mlgitops.report.plan import account, totals


def plan_page(snapshot: Snapshot, stage: Stage, *, live: bool = False) -> str:
    """What would change in an environment, target by target."""
    content = list(_plan(stage.plan, snapshot)) if stage.plan else [element("p", stage.plan_error or stage.error)]
    return document(snapshot, f"Plan {stage.name}", 1, element("h1", f"Plan of {stage.name}"), *content, live=live)


def _plan(plan: Plan, snapshot: Snapshot) -> Iterator[Html]:
    found = totals.of_plan(plan)
    said = [totals.action_totals(found), totals.impact_totals(found), account.total(plan), account.budget(plan)]
    yield element("p", "No changes: everything is as Git says." if plan.is_empty else "", class_="lead")
    yield element("ul", *(element("li", one) for one in said if one), class_="facts")
    subjects = {one.owner: one for one in snapshot.subjects}
    yield from (_target(target, subjects) for target in plan.targets)


def _target(target: TargetPlan, subjects: dict[str, Subject]) -> Html:
    content: list[Html] = []
    if target.error:
        content.append(element("p", f"It cannot be read: {target.error}", class_="problems"))
    for owner, changes in by_owner(target).items():
        pending = [one for one in changes if one.action is not Action.UNCHANGED]
        if pending:
            content += [element("h3", _name(owner, subjects)), tree(pending)]
    stays = sum(1 for one in target.changes if one.action is Action.UNCHANGED)
    content += [element("p", f"{counted(stays, 'object')} as Git says.")] if stays else []
    content += [element("p", one) for one in totals.remarks(target)]
    return section(f"Target {target.target}", *content, id=f"target-{target.target}")


def _name(owner: str, subjects: dict[str, Subject]) -> Html | str:
    known = subjects.get(owner)
    return element("a", owner, href=f"../{known.path}") if known else owner


def audit_page(snapshot: Snapshot, verdict: Verdict, *, live: bool = False) -> str:
    """Whether releases changed by promotions alone."""
    looked = f"{counted(verdict.changes, 'change')} of releases in {counted(verdict.steps, 'commit')}"
    taken = f", {counted(verdict.taken, 'release')} taken as found" if verdict.taken else ""
    word = "Passed" if verdict.passed else f"Failed with {counted(len(verdict.violations), 'violation')}"
    content = [element("p", f"{word}: {looked}{taken}.", class_="lead")]
    if verdict.violations:
        content.append(_violations(verdict))
    return document(snapshot, "Audit", 0, element("h1", "Audit"), *content, live=live)


def _violations(verdict: Verdict) -> Html:
    rows = [
        element("tr", *(element("td", cell) for cell in (one.commit[:12], one.path, one.field, one.reason)))
        for one in verdict.violations
    ]
    head = element("tr", *(element("th", word, scope="col") for word in ("Commit", "File", "Field", "What is wrong")))
    return wide("Violations", element("table", element("thead", head), element("tbody", *rows)))
