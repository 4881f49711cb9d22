from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from mlgitops.controller.metrics import COUNTER, DEFINITIONS, HISTOGRAM, Definition
from mlgitops.controller.state import BAD, Word
from mlgitops.render.install.alerts import ALERTS, Alert, prometheus_rule
from mlgitops.render.install.dashboard import dashboard
from mlgitops.render.install.installation import Installation

Make = Callable[..., Installation]
FUNCTIONS = {"absent", "histogram_quantile", "max", "min", "rate", "sum", "time"}
OPERATORS = {"by", "on", "or", "unless"}
OF_THE_SCRAPE = {"job", "namespace"}
"""Labels that Prometheus puts on what it scrapes."""


def exposed(definition: Definition) -> dict[str, set[str]]:
    """The names under which a metric is scraped, with their labels."""
    labels = set(definition.labels)
    if definition.kind == HISTOGRAM:
        return {f"{definition.name}_bucket": labels | {"le"}, f"{definition.name}_sum": labels,
                f"{definition.name}_count": labels}  # fmt: skip
    return {f"{definition.name}_total" if definition.kind == COUNTER else definition.name: labels}


METRICS = {name: labels for definition in DEFINITIONS for name, labels in exposed(definition).items()}


def expressions(installation: Installation) -> Iterator[tuple[str, str]]:
    """Every expression of the alerts and of the dashboard, by what it is for."""
    for rule in prometheus_rule(installation)["spec"]["groups"][0]["rules"]:
        yield rule["alert"], rule["expr"]
    for panel in dashboard(installation)["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])


def problems(expression: str) -> list[str]:
    """What is wrong with an expression, as far as it can be told without Prometheus."""
    found: list[str] = []
    series = re.findall(r"(\bmlgitops_\w+)\{([^}]*)\}", expression)
    found += [f"{name} has no selector" for name in re.findall(r"\bmlgitops_\w+(?!\w|\{)", expression)]
    for name, selector in series:
        if name not in METRICS:
            found.append(f"there is no {name}")
            continue
        chosen = set(re.findall(r"(\w+)=~?\"", selector))
        found += [f"{name} has no label {label}" for label in chosen - METRICS[name] - OF_THE_SCRAPE]
    known = set().union(*(METRICS.get(name, set()) for name, _ in series))
    grouped = {label for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression) for label in group.split(", ")}
    found += [f"nothing has a label {label}" for label in grouped - known]
    plain = re.sub(r"\{[^}]*\}|\[\w+\]", "", expression)
    for opening, closing in ("()", "{}", "[]"):
        if expression.count(opening) != expression.count(closing):
            found.append(f"{opening} and {closing} do not match")
    called = set(re.findall(r"(\w+) ?\(", re.sub(r"\b(?:by|on) \([^)]*\)", "", plain))) - OPERATORS
    return found + [f"there is no function {name}" for name in called - FUNCTIONS]


def test_every_expression_asks_for_metrics_and_labels_that_there_are(installation: Make) -> None:
    asked = list(expressions(installation()))
    assert len(asked) > 20
    assert {name: wrong for name, expression in asked if (wrong := problems(expression))} == {}


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ('mlgitops_nothing{job="a"}', "there is no mlgitops_nothing"),
        ('mlgitops_leader{target="a"}', "mlgitops_leader has no label target"),
        ('max by (target) (mlgitops_leader{job="a"})', "nothing has a label target"),
        ('maximum(mlgitops_leader{job="a"})', "there is no function maximum"),
        ('max(mlgitops_leader{job="a"}', "( and ) do not match"),
        ("max(mlgitops_leader)", "mlgitops_leader has no selector"),
        ('mlgitops_git_fetches{job="a"}', "there is no mlgitops_git_fetches"),
    ],
)
def test_a_wrong_expression_is_noticed(expression: str, wrong: str) -> None:
    assert wrong in problems(expression)


def test_only_the_installations_own_series_are_looked_at(installation: Make) -> None:
    for name, expression in expressions(installation(namespace="ml-control")):
        selectors = re.findall(r"\{([^}]*)\}", expression)
        assert selectors, name
        assert all('namespace="ml-control"' in selector for selector in selectors), name


def test_every_word_that_somebody_has_to_look_at_has_an_alert(installation: Make) -> None:
    text = "\n".join(expression for _, expression in expressions(installation()))
    assert all(f'result=~"{word}"' in text for word in BAD)
    words = {word for group in re.findall(r'result=~"([^"]*)"', text) for word in group.split("|")}
    assert words <= set(Word)


def test_names_in_texts_are_labels_that_the_expression_leaves(installation: Make) -> None:
    for alert in ALERTS:
        left = set(re.findall(r"by \(([^)]*)\)", alert.expression(installation())))
        used = set(re.findall(r"\$labels\.(\w+)", alert.summary + alert.runbook))
        assert used <= {label for group in left for label in group.split(", ")}, alert.name


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_every_alert_says_what_to_do_and_whom_it_wakes(alert: Alert) -> None:
    assert alert.severity in ("page", "ticket")
    assert len(alert.summary) < 120
    assert len(alert.runbook) > 80


def test_alerts_have_names_of_their_own() -> None:
    assert len({alert.name for alert in ALERTS}) == len(ALERTS)


def test_the_dashboards_panels_lie_side_by_side(installation: Make) -> None:
    panels = dashboard(installation())["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_what_the_dashboard_asks_with_is_chosen_on_it(installation: Make) -> None:
    made = dashboard(installation())
    chosen = {variable["name"] for variable in made["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", str(made["panels"]))) - {"__all"}
    assert used == chosen
