from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, Location, Severity
from mlgitops.render.rendering import to_json
from mlgitops.sources.cache import Cache
from mlgitops.sources.worktree import WorkTree
from mlgitops.workflows.render import commit_of, refuse, render_environment

IRIS = "environments/dev/models/iris.yaml"


def rendered(root: Path, cache: Cache | None = None) -> Any:
    return render_environment(WorkTree(root), "dev", cache)


def test_an_environment_is_rendered_target_by_target(project: Any) -> None:
    made = rendered(project())
    assert (made.project, made.environment, made.commit, made.findings) == ("shop", "dev", "", ())
    (target,) = made.targets
    assert (target.target, dict(target.connection)) == ("here", {"directory": {"path": "clusters/here"}})
    assert [manifest["kind"] for manifest in target.manifests] == ["InferenceService"]


def test_the_cache_changes_nothing(project: Any, tmp_path: Path) -> None:
    root, cache = project(), Cache(tmp_path / "cache")
    without = to_json(rendered(root))
    assert [to_json(rendered(root, cache)) for _ in range(2)] == [without, without]


def test_findings_refuse_the_whole_environment_and_all_are_told(project: Any, tmp_path: Path) -> None:
    text = (project() / IRIS).read_text().replace("max: 3", "max: 5000").replace("sklearn\n", "sklern\n", 1)
    root = project({IRIS: text, "targets/here.yaml": "a: ["})
    for cache in (None, Cache(tmp_path / "cache")):
        with pytest.raises(FindingsError) as caught:
            rendered(root, cache)
        assert [one.code for one in caught.value.findings] == ["out-of-range", "yaml-syntax"]


def test_warnings_are_kept_with_the_rendering_also_from_the_cache(project: Any, tmp_path: Path) -> None:
    root, cache = project(), Cache(tmp_path / "cache")
    (root / IRIS).write_text((root / IRIS).read_text().replace("    owner: shop@example.com\n", "    risk: minimal\n"))
    for _ in range(2):
        assert [one.code for one in rendered(root, cache).findings] == ["owner-missing"]


def test_a_commit_is_named_with_what_differs_from_it(project: Any, git: Any) -> None:
    root = project()
    assert commit_of(WorkTree(root)) == ""
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "One")
    head = git(root, "rev-parse", "HEAD")
    assert (commit_of(WorkTree(root)), rendered(root).commit) == (head, head)
    (root / "README.md").write_text("no spec")
    assert commit_of(WorkTree(root)) == head
    (root / "models").mkdir()
    (root / "models/new.txt").write_text("x")
    assert commit_of(WorkTree(root)) == f"{head}-dirty"


def test_the_commit_is_of_now_though_the_rendering_is_cached(project: Any, git: Any, tmp_path: Path) -> None:
    root, cache = project(), Cache(tmp_path / "cache")
    assert rendered(root, cache).commit == ""
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "One")
    assert rendered(root, cache).commit == git(root, "rev-parse", "HEAD")


def test_warnings_alone_refuse_nothing() -> None:
    warning = Finding("a", "b", Location("c"), Severity.WARNING)
    refuse([warning])
    with pytest.raises(FindingsError) as caught:
        refuse([warning, Finding("d", "e", Location("a"))])
    assert [one.code for one in caught.value.findings] == ["d", "a"]


def test_an_overlay_is_over_every_target_and_its_own_objects_are_ours(project: Any) -> None:
    files = {
        "environments/dev/kustomization.yaml": "namePrefix: x-\nresources: [more.yaml]\n",
        "environments/dev/more.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more, namespace: models}\n",
    }
    (target,) = rendered(project(files)).targets
    names = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in target.manifests]
    assert names == [("ConfigMap", "x-more"), ("InferenceService", "x-iris")]
    assert {manifest["metadata"]["labels"]["mlgitops.dev/target"] for manifest in target.manifests} == {"here"}


@pytest.mark.parametrize("overlay", ["resources: [nowhere.yaml]\n", "a: [", "resources: [https://example.com/x]\n"])
def test_an_overlay_that_is_refused_is_found(project: Any, overlay: str) -> None:
    with pytest.raises(FindingsError) as caught:
        rendered(project({"environments/dev/kustomization.yaml": overlay}))
    assert {one.location.path for one in caught.value.findings} == {"environments/dev/kustomization.yaml"}
