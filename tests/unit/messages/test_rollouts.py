"""What people are told of rollouts by steps and of responses, where no other test provokes it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from mlgitops.check import rollout_steps
from mlgitops.controller import measuring
from mlgitops.controller.asking import refuse
from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.state import Key, ModelKey, State, TargetState
from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.progressive.progress import Phase, Progress
from mlgitops.response.cause import Cause, Signal
from mlgitops.response.ledger import Known
from mlgitops.spec.document import load
from mlgitops.spec.model import Model
from mlgitops.spec.validation import validate
from mlgitops.workflows.promotion import complete, respond, retire, retrain

IRIS = ModelKey("prod", "iris")
STATE = State(
    "c1", targets={Key("prod", "aws"): TargetState()}, progress={IRIS: Progress("i", "1.1", "1.0", Phase.COMPLETED)}
)


@pytest.mark.parametrize(
    ("model", "told"), [("rose", "no rollout by steps of rose is under way"), ("iris", "1.1 in prod is completed")]
)
def test_a_request_of_which_nothing_could_come_is_refused(model: str, told: str) -> None:
    with pytest.raises(MlgitopsError, match=told):
        refuse(Request(Verb.ABORT, "prod", model), STATE, "/state")


def test_a_target_without_a_prometheus_cannot_be_asked() -> None:
    with pytest.raises(MlgitopsError, match="does not say where its Prometheus is"):
        measuring._prometheus(None, {})


@pytest.mark.parametrize(
    ("measure", "told"),
    [
        ({"of": "errors"}, "give a bound"),
        ({"of": "latency", "max": 1}, "add it"),
        ({"of": "errors", "threshold": "1s", "max": 1}, "remove it"),
        ({"of": "predictions", "histogram": "score", "maxRatio": 2}, "compares both releases already"),
    ],
)
def test_a_measure_that_cannot_be_taken_is_refused(measure: dict[str, Any], told: str) -> None:
    analysis = {"measures": [{"name": "one", **measure}]}
    spec = {
        "release": {"version": "1.0", "artifact": {"uri": "s3://models/iris/1.0"}},
        "serving": {"format": "sklearn"},
        "governance": {"owner": "shop@example.com"},
        "rollout": {"strategy": "canary", "steps": [{"weight": 5, "hold": "1m"}], "analysis": analysis},
    }
    whole = {
        "apiVersion": "mlgitops.dev/v1alpha1", "kind": "Model", "metadata": {"name": "iris"}, "spec": spec,
    }  # fmt: skip
    document = load("iris.yaml", yaml.safe_dump(whole, sort_keys=False).encode())
    findings = validate(Model, document.data, document.written)[1]
    assert [(one.code, told in one.message) for one in findings] == [("invalid-value", True)], findings


def test_a_step_that_exposes_nothing_is_refused_at_its_place() -> None:
    spec = {"rollout": {"strategy": "canary", "steps": [{"hold": "1m"}]}}
    findings = validate(Model, {"spec": spec}, load("iris.yaml", b"spec: {}").written)[1]
    assert "give weight or mirror" in " ".join(one.message for one in findings)


def test_requests_that_the_runtime_does_not_count_are_asked_for(resolved_model: Any) -> None:
    rollout = {
        "strategy": "canary",
        "steps": [{"weight": 5, "hold": "1m"}],
        "analysis": {"measures": [{"name": "own", "of": "query", "query": "up", "max": 1}]},
    }
    serving = {"format": "tensorflow", "runtime": "kserve-tensorflow-serving"}
    model = resolved_model(rollout=rollout, serving=serving, target={"prometheus": {"url": "http://prometheus"}})
    assert "requests cannot be counted" in " ".join(one.message for one in rollout_steps.check(model))


def base(text: str) -> Any:
    """A protected branch with one file."""
    content = text.encode()
    source = SimpleNamespace(files=dict, commit="c")
    return SimpleNamespace(
        environments=["prod"], branch="main", content=lambda _: content, refuse_links=lambda _: None,
        opened=SimpleNamespace(source=source),
    )  # fmt: skip


RELEASE = 'spec:\n  release:\n    version: "1.0"\n    artifact:\n      uri: s3://models/iris/1.0\n'


@pytest.mark.parametrize(
    ("text", "told"), [(RELEASE, "no rollout of iris is under way"), ("spec: {}\n", "has no release in prod")]
)
def test_a_rollout_that_is_not_there_is_not_completed(text: str, told: str) -> None:
    with pytest.raises(MlgitopsError, match=told):
        complete.draft(base(text), "iris", "prod")


def cause(version: str = "1.0") -> Cause:
    return Cause(Signal.STALE, "prod", "iris", version, "ModelStale")


def test_a_cause_of_a_release_that_git_has_no_longer_is_not_acted_upon() -> None:
    with pytest.raises(GuardError, match=r"it was seen of 0\.9"):
        respond._require_current(base(RELEASE), cause("0.9"))


def test_a_model_that_is_deprecated_already_is_not_announced_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retire, "draft", lambda *_: None)
    with pytest.raises(GuardError, match="is deprecated in prod already"):
        respond._deprecated(base(RELEASE), cause(), "2026-01-01")


def test_a_model_is_not_trained_anew_where_a_newer_release_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = SimpleNamespace(new=SimpleNamespace(version="2.0"), target="dev")
    monkeypatch.setattr(retrain, "draft", lambda *_: SimpleNamespace(request=newer))
    with pytest.raises(GuardError, match=r"dev has 2\.0 of iris"):
        respond._retrained(base(RELEASE), Known(cause(), 0.0, action="retrain"))
