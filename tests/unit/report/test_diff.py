from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlgitops.manifest import Manifest, identity
from mlgitops.report import inert
from mlgitops.report.diff import Difference, text
from mlgitops.report.style import Style

PLAIN = Style(False)
ANNOTATION = "mlgitops.dev/source-commit"


def manifest(kind: str = "ConfigMap", name: str = "settings", **body: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "ml"}, **body}


def difference(before: Manifest | None, after: Manifest | None, target: str = "aws") -> Difference:
    return Difference("dev", target, identity(after or before or {}), before, after)


def test_diffs_read_like_those_of_reviewers(golden: Callable[[str, str], None]) -> None:
    changed = difference(
        manifest(data={"a": "1", "b": "2", "c": "one\ntwo\n"}), manifest(data={"a": "1", "b": "3", "c": "one\nthree\n"})
    )
    created = difference(None, manifest(name="new", data={"a": "x"}))
    removed = difference(manifest(name="old", data={"a": "x"}), None)
    golden("report/diff.txt", text([removed, changed, created], PLAIN))


def test_what_is_the_same_prints_nothing() -> None:
    stamped = manifest(data={"a": "1"})
    stamped["metadata"]["annotations"] = {ANNOTATION: "c1"}
    assert text([difference(stamped, manifest(data={"a": "1"}))], PLAIN) == ""
    assert text([], PLAIN) == ""


def test_targets_and_objects_come_in_order() -> None:
    differences = [
        difference(None, manifest(name=name, data={}), target) for target in ("gcp", "aws") for name in ("b", "a")
    ]
    headings = [line for line in text(differences, PLAIN).splitlines() if line.startswith("+++")]
    assert headings == [f"+++ git/dev/{t}/ml/ConfigMap/{n}" for t in ("aws", "gcp") for n in ("a", "b")]


def test_secrets_tell_only_which_value_differs() -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": '{"data": {"a": "hunter2"}}'}
    before = manifest("Secret", data={"a": "hunter2", "b": "same"}, stringData={"list": {"deep": "hunter2"}})
    before["metadata"]["annotations"] = annotations
    after = manifest("Secret", data={"a": "hunter3", "b": "same"}, stringData="hunter2")
    shown = text([difference(before, after)], PLAIN)
    assert "hunter" not in shown
    assert "(sensitive value, before)" in shown
    assert "(sensitive value)" in shown


def test_secrets_elsewhere_are_masked() -> None:
    env = [{"name": "API_TOKEN", "value": "hunter2"}]
    shown = text([difference(None, manifest("Pod", spec={"env": env, "url": "https://u:hunter2@x"}))], PLAIN)
    assert "hunter2" not in shown
    assert "***" in shown


def test_hostile_text_cannot_act() -> None:
    evil = {"a": "\x1b[2J\n::error::x\n##vso[task.x]", "b": "\n::error::y\n"}
    shown = text([difference(None, manifest(name="\x1b[31mx\n+y", data=evil))], PLAIN)
    assert "\x1b" not in shown
    assert "##vso[" not in shown
    assert not [line for line in shown.splitlines() if line[1:].lstrip().startswith("::")]


def test_colours_change_nothing_but_colours() -> None:
    differences = [difference(manifest(data={"a": "1"}), manifest(data={"a": "2"}))]
    coloured = text(differences, Style(True))
    assert "\x1b[32m+" in coloured
    assert "\n".join(map(inert.line, coloured.split("\n"))) == text(differences, PLAIN)
