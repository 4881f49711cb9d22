"""What an account needs, that docs/kubernetes-target.md says just that, and what happens to one that has less."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.manifest import Manifest, identity
from mlgitops.plan.change import Action
from mlgitops.plan.outcome import Outcome
from mlgitops.response.cause import Cause, Signal
from mlgitops.response.event import event
from mlgitops.response.ledger import Known
from mlgitops.targets.kept import KeptConnections
from mlgitops.targets.kubernetes.cause_events import tell
from mlgitops.targets.kubernetes.client import Client
from mlgitops.workflows.drift import find_drift
from tests.testbed.audit import QUESTIONS, Event
from tests.testbed.control_plane import ADMIN, ControlPlane

ROOT = Path(__file__).resolve().parents[4]
LEASES = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}
EVENTS = {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}
READ = {"apiGroups": ["", "apps"], "resources": ["configmaps", "deployments"], "verbs": ["get", "list"]}
WRITE = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "update", "patch", "delete"]}
ASKED = ("--env", "dev", "--target", "aws-dev")

Run = Callable[..., tuple[int, str, str]]
Limited = Callable[..., Any]
Verb = tuple[str, str, str]
"""Group, resource and verb."""


def without(rule: Mapping[str, Sequence[str]], verb: str) -> dict[str, list[str]]:
    return {**{key: list(value) for key, value in rule.items()}, "verbs": [one for one in rule["verbs"] if one != verb]}


PASSED_ON = ("workflowtaskresults", "jobsets", "sparkapplications", "pods")
"""What rules begin with that are there to be granted to pods."""


def documented() -> list[dict[str, list[str]]]:
    """The rules of the Role on the page."""
    page = (ROOT / "docs/kubernetes-target.md").read_text()
    blocks = map(yaml.safe_load, re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    (role,) = (block for block in blocks if block.get("kind") == "Role")
    rules: list[dict[str, list[str]]] = role["rules"]
    return rules


def verbs(rules: Iterable[Mapping[str, Sequence[str]]]) -> Iterator[Verb]:
    for rule in rules:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                yield from ((group, resource, verb) for verb in rule["verbs"])


def used(events: Sequence[Event]) -> set[Verb]:
    """The rights behind requests that were let through. Server-side apply creates by a patch that answers 201."""
    allowed = [event for event in events if event.resource and event.status != 403]
    created = {(event.group, event.resource, "create") for event in allowed if event.status == 201}
    return {(event.group, event.resource, event.verb) for event in allowed} | created


KNOWN = Known(Cause(Signal.DRIFT, "dev", "iris-sklearn", "1.0", "ModelDataDrift"), 1_800_000_000.0)


def client_of(namespace: str) -> Client:
    """The cluster as the account of the kubeconfig in the environment."""
    settings = {"kubernetes": {"namespace": namespace}}
    return KeptConnections(ROOT).client(settings)


def refusal(outcome: Outcome) -> str:
    """Why nothing at all was done."""
    (target,) = outcome.targets
    assert {one.result for one in target.objects} == {"skipped"}
    return target.error


def test_the_documented_role_is_enough_for_everything_and_holds_nothing_more(
    cluster: ControlPlane, run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (project / "environments/dev/models/iris-sklearn.yaml").open("a") as model:  # so that every kind is rendered
        model.write("  monitoring:\n    objectives: [{metric: availability, objective: 99.5}]\n")
    with (project / "environments/dev/models/iris-stream.yaml").open("a") as model:
        model.write("      tls: {ca: {secret: kafka-ca, key: ca.crt}}\n")
    cluster.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "models-dev"}})
    monkeypatch.setenv("KUBECONFIG", str(cluster.add_account("deployer", documented(), "models-dev")))
    kind = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    service = {**kind, "metadata": {"namespace": "models-dev", "name": "iris-sklearn"}}
    edit = {"spec": {"predictor": {"maxReplicas": 9}}}
    with cluster.audit.recording() as recorded:
        done = [run("plan", *ASKED), run("apply", *ASKED, "--yes", "--timeout", "1s", "--no-progress")]
        assert [code for code, _, _ in done] == [0, 1], done[-1]
        path = f"{cluster.api.path(service)}?fieldManager=kubectl-edit"
        cluster.api.request("PATCH", path, edit, content_type="application/merge-patch+json")
        done += [run("drift", *ASKED), run("drift", *ASKED, "--fix", "--yes"), run("status", *ASKED)]
        for _ in range(2):  # the controller tells what it sees of a model
            tell(client_of("models-dev"), event(KNOWN, service, "", 1_800_000_000.0, ended=False))
        for folder in ("models", "pipelines"):
            shutil.rmtree(project / "environments/dev" / folder)
        subprocess.run(["git", "commit", "-qam", "Nothing"], cwd=project, check=True)
        done += [run("apply", *ASKED, "--yes", "--no-wait", "--allow-mass-delete")]
    wrong = "\n".join(said + err for _, said, err in done)
    assert [code for code, _, _ in done] == [0, 1, 2, 0, 0, 0], wrong  # nothing runs here, so that nothing is ready
    assert "not allowed" not in wrong
    ours = [event for event in recorded.events if "deployer" in event.user and event.group != QUESTIONS]
    own = set(verbs(rule for rule in documented() if rule["resources"][0] not in PASSED_ON))
    assert own == used(ours) - (
        set(verbs(documented())) - own
    )  # it may look for what is its own among what it passes on


def test_rights_in_one_namespace_are_enough(limited: Limited) -> None:
    target = limited(LEASES, EVENTS, READ, WRITE)
    assert target.apply(target.make("a"), target.make("b")).succeeded
    assert target.apply(target.make("a")).succeeded
    assert target.plan(target.make("a")).is_empty


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        ([LEASES, READ, WRITE], "create events in namespace {}"),
        ([without(LEASES, "update"), EVENTS, READ, WRITE], "update leases.coordination.k8s.io in namespace {}"),
        ([LEASES, EVENTS, READ, without(WRITE, "update")], "update configmaps in namespace {}"),
        ([LEASES, EVENTS, READ, without(WRITE, "delete")], "delete configmaps in namespace {}"),
        (
            [LEASES, READ, without(WRITE, "patch")],
            "patch configmaps in namespace {}; create events in namespace {}; "
            "create, patch deployments.apps in namespace {}",
        ),
    ],
)
def test_what_is_not_allowed_is_named_all_at_once_before_anything_is_written(
    target: Any, limited: Limited, rules: list[dict[str, list[str]]], missing: str
) -> None:
    gone, changed = target.make("gone"), target.make("changed", data={"v": "1"})
    target.apply(gone, changed)
    less = limited(*rules)
    desired = [target.make("changed", data={"v": "2"}), *([target.deployment()] if "deployments" in missing else [])]
    plan = less.plan(*desired, rehearse=False)
    with less.plane.audit.recording() as recorded:
        said = refusal(less.carry_out(plan, allow_mass_delete=True))
    expected = missing.replace("{}", target.namespace)
    assert said == f"not allowed: {expected}. Ask for a Role as docs/kubernetes-target.md has it."
    assert recorded.mutating() == []
    assert target.read(changed)["data"] == {"v": "1"}


def test_rights_may_be_for_objects_by_their_names(target: Any, limited: Limited) -> None:
    target.apply(target.make("ours", data={"v": "1"}), target.make("theirs", data={"v": "1"}))
    named = {**WRITE, "resourceNames": ["ours", target.connect()._name], "verbs": ["update", "patch"]}
    create = {**WRITE, "verbs": ["create"]}
    less = limited(LEASES, EVENTS, READ, create, named)
    both = [less.make(name, data={"v": "2"}) for name in ("ours", "theirs")]
    assert f"not allowed: patch configmaps/theirs in namespace {less.namespace}." in refusal(less.apply(*both))
    assert less.apply(both[0], less.make("theirs", data={"v": "1"})).succeeded


def test_who_may_only_look_can_plan_and_tell_drift(target: Any, limited: Limited) -> None:
    target.apply(target.make("changed", data={"v": "1"}), target.make("gone"))
    reader = limited(READ)
    with reader.plane.audit.recording() as recorded:
        plan = reader.plan(reader.make("changed", data={"v": "2"}), reader.make("new"))
    by_name = {change.identity.name: change for change in plan.targets[0].changes}
    actions = {name: change.action for name, change in by_name.items()}
    assert actions == {"changed": Action.UPDATE, "new": Action.CREATE, "gone": Action.DELETE}
    assert [(field.pointer, field.old, field.new) for field in by_name["changed"].fields] == [("data.v", "1", "2")]
    for name in ("changed", "new"):
        assert f"not allowed: patch configmaps/{name} in namespace" in by_name[name].refused
    assert recorded.mutating() == []
    target.edit(target.make("changed"), "kubectl-edit", data={"v": "9"})
    report = find_drift("aws", [reader.make("changed", data={"v": "1"}), reader.make("gone")], reader.connect())
    (drifted,) = report.changed
    assert [(field.pointer, field.old, field.new) for field in drifted.fields] == [("data.v", "9", "1")]


@pytest.fixture
def elsewhere(target: Any) -> str:
    """A second namespace. The target is from now on seen by an account that has rights in the two, and nowhere else."""
    plane, name, everything = target.plane, f"{target.namespace}-more", [LEASES, EVENTS, READ, WRITE]
    plane.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    target.kubeconfig = plane.add_account("two-places", everything, target.namespace)
    subject = {"kind": "ServiceAccount", "name": "two-places", "namespace": target.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "two-places"}
    body = {"apiVersion": role["apiGroup"] + "/v1", "metadata": {"name": "two-places", "namespace": name}}
    plane.api.create({**body, "kind": "Role", "rules": everything})
    plane.api.create({**body, "kind": "RoleBinding", "roleRef": role, "subjects": [subject]})
    return name


def in_namespace(manifest: Manifest, name: str) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": name}}


def test_what_git_asks_for_is_looked_for_in_every_namespace_when_an_inventory_is_rebuilt(
    target: Any, elsewhere: str
) -> None:
    near, far = target.make("near"), in_namespace(target.make("far"), elsewhere)
    assert target.apply(near, far).succeeded
    target.plane.api.request("DELETE", target.inventory_path)
    rebuilt = target.connect().rebuild_inventory([identity(near), identity(far)])
    assert set(rebuilt.inventory.entries) == {identity(near), identity(far)}
    here, there, whole, beyond = rebuilt.unseen
    assert here.startswith(f"in namespace {target.namespace}: ")
    assert there.startswith(f"in namespace {elsewhere}: ")
    kinds = here.rpartition(": ")[2].split(", ")
    assert "inferenceservices.serving.kserve.io" in kinds
    assert "configmaps" not in kinds
    assert whole.startswith("in the whole cluster: ")
    assert "namespaces" in whole
    assert beyond.startswith(f"in namespaces other than {target.namespace}, {elsewhere}: ")


def test_a_lost_inventory_is_noticed_in_every_namespace_for_which_something_is_rendered(
    target: Any, elsewhere: str
) -> None:
    far = in_namespace(target.make("far"), elsewhere)
    assert target.apply(far).succeeded
    target.plane.api.request("DELETE", target.inventory_path)
    with pytest.raises(TargetError, match="is gone, but at least 1 of its objects"):
        target.plan(far)


def test_an_inventory_is_not_rebuilt_where_what_git_asks_for_may_not_be_looked_for(
    target: Any, limited: Limited
) -> None:
    target.apply(target.make("a"), target.service())
    target.plane.api.request("DELETE", target.inventory_path)
    less = limited(LEASES, EVENTS, READ, WRITE)
    with pytest.raises(
        NotAuthorisedError, match=r"not allowed: list inferenceservices\.serving\.kserve\.io in"
    ) as told:
        less.connect().rebuild_inventory([identity(target.make("a")), identity(target.service())])
    assert told.value.exit_code == 4
    with pytest.raises(TargetError, match="is gone"):
        target.plan(target.make("a"))


def test_a_rebuild_names_on_stderr_where_the_account_may_not_look(
    cluster: ControlPlane, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "models-dev"}})
    monkeypatch.setenv("KUBECONFIG", str(cluster.add_account("deployer", documented(), "models-dev")))
    assert run("apply", *ASKED, "--yes", "--no-wait", "--no-progress")[0] == 0
    code, said, err = run("inventory", "rebuild", *ASKED)
    assert (code, said.startswith("The inventory of aws-dev has ")) == (0, True)
    first, *_, last = err.splitlines()
    assert first.startswith("warning: this account may not look in namespace models-dev: ")
    kinds = first.rpartition(": ")[2].split(", ")
    assert "jobs.batch" in kinds
    assert "inferenceservices.serving.kserve.io" not in kinds
    assert last == "What is there is not in the inventory, and no plan deletes it. With more rights, run it again."
    assert run("apply", *ASKED, "--yes", "--no-wait", "--no-progress")[0] == 0
    assert run("plan", *ASKED, "--detailed-exitcode")[0] == 0


def test_who_may_look_everywhere_is_not_warned_when_an_inventory_is_rebuilt(target: Any) -> None:
    target.apply(target.make("a"))
    assert target.connect().rebuild_inventory([identity(target.make("a"))]).unseen == ()


def test_who_may_not_look_is_told_which_right_is_missing(target: Any, limited: Limited) -> None:
    with pytest.raises(NotAuthorisedError, match="not allowed: get configmaps/mlgitops-dev-aws-") as caught:
        limited(LEASES).plan(target.make("a"))
    assert caught.value.exit_code == 4
    assert "docs/kubernetes-target.md" in caught.value.help


def test_a_target_may_act_as_an_account_that_may_do_less(target: Any, limited: Limited) -> None:
    """The cluster's audit log names both users."""
    account = limited(LEASES, EVENTS, READ, WRITE)
    user = f"system:serviceaccount:{target.namespace}:limited-4"
    connect = target.connect
    target.connect = lambda: connect(impersonate={"user": user, "groups": ["system:authenticated"]})
    with target.plane.audit.recording() as recorded:
        assert target.apply(target.make("a")).succeeded
        assert "create, patch deployments.apps" in refusal(target.apply(target.make("a"), target.deployment()))
    assert {(event.user, event.impersonated) for event in recorded.events} == {(ADMIN, user)}
    assert account.plan(target.make("a")).is_empty
