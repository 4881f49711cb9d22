"""What ``report --html`` writes of a project with a history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mlgitops.workflows import page

pytestmark = [pytest.mark.browser, pytest.mark.integration]


@pytest.fixture
def moved(shop: Any) -> Any:
    """Iris 2.0 went on to staging, and waits for prod in a pull request."""
    assert shop.run("apply", "--env", "dev", "--yes").code == 0
    shop.promoted("promote", "iris", "--to", "staging")
    assert shop.run("promote", "iris", "--to", "prod").code == 0
    shop.pull()
    return shop


def test_a_model_has_its_history_its_gates_and_the_pull_request_that_waits(
    moved: Any, tab: Page, tmp_path: Path, said: list[str]
) -> None:
    ran = moved.run("report", "--html", str(tmp_path / "site"))
    assert (ran.code, ran.err) == (0, "")
    assert "index.html" in ran.out
    tab.goto((tmp_path / "site/index.html").as_uri())
    expect(tab.locator(".matrix tbody tr")).to_have_count(1)
    assert tab.locator(".matrix thead").inner_text().split() == [
        "Model", "dev", "staging", "prod", "dev-here", "onprem", "staging-here", "onprem", "prod-here", "onprem",
    ]  # fmt: skip
    tab.get_by_role("link", name="iris").click()
    expect(tab.get_by_role("heading", name="2.0 from staging to prod")).to_be_visible()
    expect(tab.locator("#next-promotion-title ~ p").first).to_have_text("Pull request 2 waits to be merged.")
    rows = tab.get_by_role("group", name="Every release").locator("tbody tr")
    expect(rows.first).to_contain_text("promote from dev")
    expect(rows).to_have_count(4)
    assert said == []


def test_the_data_is_what_the_verbs_say(moved: Any, tmp_path: Path) -> None:
    assert moved.run("report", "--html", str(tmp_path / "site")).code == 0
    data = json.loads((tmp_path / "site/data.json").read_text())
    status = json.loads(moved.run("status", "-o", "json").out)["environments"]
    assert [one["targets"] for one in data["environments"]] == [one["targets"] for one in status]
    (iris,) = data["subjects"]
    assert iris["events"] == json.loads(moved.run("history", "iris", "-o", "json").out)["events"]
    audit = json.loads(moved.run("audit", "verify", "-o", "json").out)
    assert {"formatVersion": "1.0", "passed": True, **data["audit"]} == audit
    assert data["formatVersion"] == "1.0"


def test_an_environment_that_cannot_be_rendered_is_said_and_leaves_the_others(moved: Any, tmp_path: Path) -> None:
    moved.commit({"environments/prod/models/iris.yaml": "apiVersion: nonsense\n"})
    assert moved.run("report", "--html", str(tmp_path / "site")).code == 0
    first = (tmp_path / "site/index.html").read_text()
    assert "prod cannot be rendered: environments/prod/models/iris.yaml:1:" in first
    assert "dev-here" in first


def test_metrics_of_releases_with_evidence_are_plotted(
    shop: Any, evidence_text: Any, model_text: Any, tmp_path: Path
) -> None:
    path = "environments/dev/models/iris.yaml"
    for version, accuracy in (("2.0", 0.9), ("3.0", 0.95)):
        evidence = f"evidence/{version}.json"
        text = model_text("dev", version).replace("    artifact:", f"    evidence: {evidence}\n    artifact:")
        said = evidence_text(accuracy).replace('"version": "2.0"', f'"version": "{version}"')
        shop.commit({path: text, f"environments/dev/{evidence}": said})
    assert shop.run("report", "--html", str(tmp_path / "site")).code == 0
    page = (tmp_path / "site/models/iris.html").read_text()
    assert 'aria-label="accuracy: 2.0 0.9, 3.0 0.95"' in page


def test_gates_that_are_left_out_are_said_on_the_first_page_and_at_their_model(
    shop: Any, model_text: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_JUDGED", 1)
    shop.commit({"environments/dev/models/rose.yaml": model_text("dev", "3.0", "rose")})
    assert shop.run("report", "--html", str(tmp_path / "site"), "--no-forge").code == 0
    first, rose = ((tmp_path / "site" / one).read_text() for one in ("index.html", "models/rose.html"))
    assert "Gates are shown of 1 models; of 1 more run mlgitops gates." in first
    assert "Gates were left out: mlgitops gates rose --env staging" in rose
    assert "left out" not in (tmp_path / "site/models/iris.html").read_text()


def test_it_works_without_a_forge_and_without_git(project: Any, tmp_path: Path, capsys: Any) -> None:
    from mlgitops.cli.main import exit_code

    assert exit_code(["report", "--html", str(tmp_path / "site"), "--root", str(project())]) == 0
    first = (tmp_path / "site/index.html").read_text()
    assert "There is no history to show: " in first
    assert 'href="models/iris.html"' in first


def test_a_folder_that_cannot_be_written_is_said(project: Any, tmp_path: Path, capsys: Any) -> None:
    from mlgitops.cli.main import exit_code

    (tmp_path / "file").write_text("")
    assert exit_code(["report", "--html", str(tmp_path / "file/site"), "--root", str(project())]) == 1
    assert "cannot be made" in capsys.readouterr().err
