"""Snapshots for pages, made up: a project with something of everything, as large and as hostile as a test wants it."""

from __future__ import annotations

from collections.abc import Sequence

from mlgitops.manifest import Identity
from mlgitops.page.model import Candidate, Place, Said, Snapshot, Stage, Subject
from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Impact, Plan, TargetPlan
from mlgitops.plan.drift import Edit
from mlgitops.plan.health import Health, State
from mlgitops.plan.status import EnvironmentStatus, ObjectHealth, Running, TargetStatus
from mlgitops.promotion.audit import Verdict as AuditVerdict
from mlgitops.promotion.audit import Violation
from mlgitops.promotion.columns import Column
from mlgitops.promotion.history import Event
from mlgitops.promotion.judgement import GateResult, Verdict
from mlgitops.spec.release import Artifact, Release

NOW = "2025-06-30T12:00:00Z"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PLACES = {
    "dev": (Place("aws-dev", "aws", "eu-central-1"), Place("edge-dev", "onprem", "lab")),
    "staging": (Place("aws-staging", "aws", "eu-central-1"),),
    "prod": (Place("aws-prod", "aws", "eu-central-1"), Place("gcp-prod", "gcp", "europe-west6"),
             Place("azure-prod", "azure", "switzerlandnorth")),
}  # fmt: skip
REASON = "0 of 2 pods are ready: ImagePullBackOff"
WAY = (("dev", "release", ""), ("staging", "promote", "dev"))
HOSTILE = (
    "<script>alert('script')</script>", "<img src=x onerror=alert('img')>", "\"'><svg/onload=alert('svg')>",
    "</title></style></textarea><b>b</b>", "javascript:alert('link')", "{{7*7}}${7*7}", "a\u202eb\x00\x1b[2Jc",
    "../../etc/passwd", "&lt;script&gt;", "<!--", "]]>",
)  # fmt: skip
"""Names and reasons as an attacker would have them. Where one acts, a dialog opens or the page is refused something."""


def of(names: Sequence[str], text: str = REASON) -> Snapshot:
    """A project with these models; ``text`` is every reason, message and note in it."""
    stages = tuple(_stage(name, names, text) for name in PLACES)
    violation = Violation(COMMIT, "environments/prod/models/iris.yaml", "spec.release", text)
    subjects = tuple(_model(name, text) for name in names)
    pipeline = Subject("Pipeline/nightly-training")
    verdict = AuditVerdict(12, 9, 2, (violation,))
    return Snapshot("shop", COMMIT, NOW, "1.2.3", stages, (*subjects, pipeline), verdict, (text,))


def many(number: int) -> Snapshot:
    """A project with that many models."""
    return of([f"model-{index:04}" for index in range(number)])


def _stage(name: str, models: Sequence[str], text: str) -> Stage:
    order = list(PLACES)
    sources = (order[order.index(name) - 1],) if order.index(name) else ()
    status = EnvironmentStatus(name, tuple(_target(place, models, text) for place in PLACES[name]))
    plans = tuple(_plan(place, models, text) for place in PLACES[name])
    return Stage(name, sources, PLACES[name], status, Plan("shop", name, COMMIT, "sha256:0", plans, version="1.2.3"))


def _target(place: Place, models: Sequence[str], text: str) -> TargetStatus:
    if place.target == "azure-prod":
        return TargetStatus(place.target, error=text)
    running = [_running(name, index, text) for index, name in enumerate(models)]
    nightly = Running("Pipeline/nightly-training", Health(State.SUSPENDED, text, NOW), "2", commit=COMMIT)
    return TargetStatus(place.target, (*running, nightly), place.cloud == "onprem", NOW, COMMIT)


def _running(name: str, index: int, text: str) -> Running:
    state = (State.FAILED, State.READY, State.READY, State.PROGRESSING)[index % 4]
    health = Health(state, text if state is not State.READY else "", "2025-06-30T09:00:00Z")
    unwell = () if state is State.READY else (ObjectHealth(_service(name), health),)
    edit = Edit("spec.predictor.maxReplicas of InferenceService/x, kubectl", NOW) if index % 5 == 0 else None
    return Running(
        f"Model/{name}", health, f"1.{index % 7}.0", "sha256:" + "ab" * 32, COMMIT, True, edit is not None,
        index % 3 == 0, unwell, edit,
    )  # fmt: skip


def _service(name: str) -> Identity:
    return Identity("serving.kserve.io", "InferenceService", "models", name)


def _plan(place: Place, models: Sequence[str], text: str) -> TargetPlan:
    if place.target == "azure-prod":
        return TargetPlan(place.target, {}, "", (), error=text)
    return TargetPlan(place.target, {}, "1", tuple(_change(name, i, text) for i, name in enumerate(models)))


def _change(name: str, index: int, text: str) -> Change:
    owner, one = f"Model/{name}", _service(name)
    if index % 3:
        return Change(one, Action.UNCHANGED, owner, Impact.NONE)
    path = ("spec", "predictor", "model", "storageUri")
    fields = (
        FieldChange(path, "s3://m/1", "s3://m/2", "environments/prod/models/iris.yaml:7"),
        FieldChange(("spec", "note"), ABSENT, text),
        FieldChange(("spec", "script"), "a\nb\n", f"a\n{text}\n"),
    )
    return Change(one, Action.UPDATE, owner, Impact.ROLLOUT, fields, {}, refused=text)


def _to_prod(release: int) -> tuple[str, str, str]:
    return "prod", "rollback" if release == 2 else "promote", "staging"


def _model(name: str, text: str) -> Subject:
    said = Said("1.1.0", "2025-01-01T00:00:00Z", "30d", True, text, "active", text, text, "https://a.example/run", text)
    events = [
        Event(name, environment, f"1.{n}.0", f"2025-0{n + 1}-1{place}T10:00:00Z", COMMIT, kind, source, "sha256:1",
              "sha256:2", "sha256:3", (("slo", "pass"),), "ada", 10 + n, ("grace",))
        for n in range(4)
        for place, (environment, kind, source) in enumerate((*WAY, _to_prod(n)))
    ]  # fmt: skip
    columns = [
        Column(f"1.{n}.0 (dev)", Release(version=f"1.{n}.0", artifact=Artifact(uri=f"s3://m/{n}")),
               {"accuracy": 0.9 + n / 50, "latency p99 ms": 40.0 - 3 * n, text: 1.0}, {"C": "0.5"}, "sha256:d")
        for n in (3, 2, 1, 0)
    ]  # fmt: skip
    gates = (
        GateResult("accuracy", Verdict.OK, "0.94", ">= 0.9", "it is as good as the one that runs"),
        GateResult("soak", Verdict.WARN, "20h", "24h", text),
        GateResult("signed", Verdict.BLOCK, text, "", text),
    )
    candidates = (
        Candidate("dev", "staging", "1.4.0", gates, number=42, url="https://forge.example/pulls/42"),
        Candidate("staging", "prod", problem=text, number=7, url=text),
    )
    stages = {"dev": said, "staging": Said("1.0.0"), "prod": Said("1.0.0", stage="active", owner="shop@example.com")}
    return Subject(f"Model/{name}", dict(reversed(stages.items())), tuple(events), tuple(columns), candidates, "")
