"""What installs the controller, on a real API: it is accepted, and with exactly its rights an environment is run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mlgitops.cli.main import exit_code
from mlgitops.controller.stores import elected
from mlgitops.manifest import Manifest
from mlgitops.render.install.installation import CLUSTER, NAME, NAMESPACE
from mlgitops.render.install.pod import KUBECONFIG
from mlgitops.render.install.resources import KNOWN
from tests.testbed.api import Api, ApiError
from tests.testbed.control_plane import SETTLE_SECONDS, ControlPlane
from tests.testbed.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
MODELS = "models-dev"
IMAGE = "registry.example.com/mlgitops@sha256:" + "1" * 64
TARGET = ("--env", "dev", "--target", "aws-dev")
"""Of all examples the one with the most kinds: models, a pipeline with Roles of its own, a training."""
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": NAMESPACE, "name": NAME}}
RBAC = "rbac.authorization.k8s.io"
DRIFT = 2

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone whose targets are all the cluster of the kubeconfig."""
    root = tmp_path / "project"
    for name in ("targets", "environments", "models", "steps"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "mlgitops.yaml", root)
    for path in (root / "targets").glob("*.yaml"):
        path.write_text(re.sub(r"connection:\n(    .*\n)+", "connection:\n    kubernetes: {}\n", path.read_text()))
    for command in (
        ["init", "-q"],
        ["remote", "add", "origin", "https://git.example.com/ml/models.git"],
        ["add", "-A"],
        ["commit", "-qm", "All"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("plan", "--env", "dev")``: the exit code, and all that was said."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("MLGITOPS_DEBUG", "1")

    def ran(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = exit_code(list(arguments))
        return code, "".join(capsys.readouterr())

    return ran


@pytest.fixture
def render(run: Run) -> Callable[..., list[Manifest]]:
    """``render("--install", ...)``: the manifests that are printed."""

    def rendered(*arguments: str) -> list[Manifest]:
        code, said = run("render", *arguments, "--image", IMAGE, "-o", "json")
        assert code == 0, said
        items: list[Manifest] = json.loads(said)["items"]
        return items

    return rendered


@pytest.fixture
def cluster(control_plane: ControlPlane) -> Iterator[ControlPlane]:
    """The shared control plane; whatever is made in it goes again."""
    before = control_plane.checkpoint()
    yield control_plane
    control_plane.reset(before)


def make_namespace(cluster: ControlPlane, name: str) -> None:
    cluster.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def token_of(cluster: ControlPlane, account: Manifest = ACCOUNT) -> str:
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = cluster.api.request("POST", f"{cluster.api.path(account)}/token", request)
    return str(answer["status"]["token"])


def may(api: Api, verb: str, resource: str, group: str = "", namespace: str = MODELS, name: str = "") -> bool:
    """Whether the API says that whoever ``api`` is may do it."""
    attributes = {"verb": verb, "resource": resource, "group": group, "namespace": namespace, "name": name}
    attributes["resource"], _, attributes["subresource"] = resource.partition("/")
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        "spec": {"resourceAttributes": attributes},
    }
    return bool(api.create(review)["status"]["allowed"])


def refused(act: Callable[[], Any]) -> str:
    """The API's reason for refusing what is tried."""
    with pytest.raises(ApiError) as caught:
        act()
    assert caught.value.status == 403, caught.value
    return str(caught.value)


def object_of(kind: str, name: str = "theirs", namespace: str = MODELS, **content: Any) -> Manifest:
    group = f"{RBAC}/v1" if kind.startswith("Role") else "v1"
    return {"apiVersion": group, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **content}


@pytest.fixture
def controller(
    cluster: ControlPlane, render: Callable[..., list[Manifest]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    """The controller's account, with what is installed for the target.

    KUBECONFIG is the one that its pod is given, with this cluster's address and the places of files on this machine.
    """
    make_namespace(cluster, MODELS)
    manifests = render("--install", *TARGET)
    for manifest in manifests:
        cluster.api.apply(manifest)
    access = cluster.apiserver.access_with(token_of(cluster))
    (tmp_path / "token").write_text(access.token)
    (text,) = [one["data"]["config"] for one in manifests if one["metadata"]["name"] == KUBECONFIG]
    for there, here in {
        "https://kubernetes.default.svc": access.server,
        "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt": str(access.certificate_authority),
        "/var/run/secrets/kubernetes.io/serviceaccount/token": str(tmp_path / "token"),
    }.items():
        assert there in text
        text = text.replace(there, here)
    (tmp_path / "kubeconfig").write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    api = Api(access)
    settled = partial(may, api, "list", "inferenceservices", "serving.kserve.io")
    wait_until(settled, "the controller's rights", SETTLE_SECONDS)
    yield api
    api.close()


@pytest.mark.usefixtures("controller")
def test_with_exactly_its_rights_it_plans_applies_prunes_and_repairs(
    cluster: ControlPlane, run: Run, project: Path
) -> None:
    code, said = run("plan", *TARGET)
    assert code == 0, said
    code, said = run("apply", *TARGET, "--yes", "--no-wait")
    assert (code, "not allowed" in said) == (0, False), said
    assert run("plan", *TARGET, "--detailed-exitcode")[0] == 0
    (project / "environments/dev/models/iris-sklearn.yaml").unlink()
    service = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    sklearn = {**service, "metadata": {"namespace": MODELS, "name": "iris-sklearn"}}
    assert cluster.api.exists(sklearn)
    code, said = run("apply", *TARGET, "--yes", "--no-wait")
    assert (code, cluster.api.exists(sklearn)) == (0, False), said
    xgboost = {**service, "metadata": {"namespace": MODELS, "name": "iris-xgboost"}}
    edit = {"spec": {"predictor": {"maxReplicas": 9}}}
    path = f"{cluster.api.path(xgboost)}?fieldManager=kubectl-edit"
    cluster.api.request("PATCH", path, edit, content_type="application/merge-patch+json")
    code, said = run("drift", *TARGET)
    assert (code, "set by kubectl-edit" in said) == (DRIFT, True), said
    assert run("drift", *TARGET, "--fix", "--yes")[0] == 0
    assert run("drift", *TARGET)[0] == 0


def test_as_the_controller_it_leads_applies_and_remembers(
    cluster: ControlPlane, controller: Api, run: Run, project: Path, tmp_path: Path
) -> None:
    path = project / "environments/dev/environment.yaml"
    path.write_text(path.read_text() + "  reconcile:\n    timeout: 1s\n")  # nobody makes a model ready here
    subprocess.run(["git", "commit", "-qam", "Impatience"], cwd=project, check=True)
    given = (f"--repository={project}", f"--state={tmp_path / 'state'}", f"--leader-election={NAMESPACE}")
    _, said = run("controller", "--once", *TARGET, *given)
    assert "not allowed" not in said
    assert "has not reported on it yet" in said
    (waits,) = [line for line in said.splitlines() if "waiting until what is there is ready" in line]
    assert {"target": "aws-dev", "environment": "dev", "timeout": "1s"}.items() <= json.loads(waits).items()
    assert json.loads(waits)["objects"] > 1
    assert cluster.api.exists(object_of("ServiceAccount", "mnist-training-pipeline"))
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ACCOUNT["metadata"]}
    assert controller.read(lease)["spec"]["leaseTransitions"] > 0
    remembered = controller.read(object_of("ConfigMap", NAME, NAMESPACE))
    assert "aws-dev" in remembered["data"]["state"]


def test_replicas_see_one_another_with_the_rights_that_sharing_takes(
    cluster: ControlPlane, render: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_namespace(cluster, MODELS)
    make_namespace(cluster, "elsewhere")
    for manifest in render("--install", *TARGET, "--replicas", "2"):
        cluster.api.apply(manifest)
    access = cluster.apiserver.access_with(token_of(cluster))
    api = Api(access)
    listed = partial(may, api, "list", "leases", "coordination.k8s.io", NAMESPACE)
    wait_until(listed, "the controller's rights", SETTLE_SECONDS)
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig("sharing", access)))
    members = []
    for name in (f"{NAME}-0", f"{NAME}-1"):  # as a StatefulSet calls its pods
        store, member = elected(NAMESPACE, name)
        member.acquire()
        members.append(member)
        store.write(store.read())
    assert members[1].share() == (f"{NAME}-1", frozenset({f"{NAME}-0", f"{NAME}-1"}))
    for member in members:
        member.release()
    for namespace in (MODELS, "elsewhere"):
        assert not may(api, "list", "leases", "coordination.k8s.io", namespace)
    for namespace in (MODELS, "elsewhere", NAMESPACE):
        assert not may(api, "update", "leases", "coordination.k8s.io", namespace, name="somebody-elses")
    for verb in ("delete", "deletecollection", "patch", "watch"):
        assert not may(api, verb, "leases", "coordination.k8s.io", NAMESPACE)
    api.close()


def test_where_one_leads_no_lease_but_its_own_is_in_reach(controller: Api) -> None:
    leases = partial(may, controller, resource="leases", group="coordination.k8s.io", namespace=NAMESPACE)
    assert not leases("list")
    assert (leases("update", name=NAME), leases("update", name=f"{NAME}-one")) == (True, False)


def test_it_reads_no_secret_and_nobody_elses_namespace(cluster: ControlPlane, controller: Api) -> None:
    make_namespace(cluster, "elsewhere")
    for namespace in (MODELS, NAMESPACE, "elsewhere", "kube-system"):
        cluster.api.create(object_of("Secret", namespace=namespace))
        for verb in ("get", "list", "watch", "create", "patch", "delete"):
            assert not may(controller, verb, "secrets", namespace=namespace)
        refused(partial(controller.read, object_of("Secret", namespace=namespace)))
    refused(partial(controller.get, "/api/v1/secrets"))
    refused(partial(controller.create, object_of("ServiceAccount", namespace="elsewhere")))
    refused(partial(controller.get, "/apis/serving.kserve.io/v1beta1/namespaces/elsewhere/inferenceservices"))
    refused(partial(controller.get, "/apis/serving.kserve.io/v1beta1/inferenceservices"))


@pytest.fixture
def without_spark(project: Path) -> None:
    """No step of dev prepares data with Spark."""
    (project / "environments/dev/pipelines/mnist-release.yaml").unlink()
    subprocess.run(["git", "commit", "-qam", "No Spark"], cwd=project, check=True)


@pytest.mark.usefixtures("without_spark")
def test_it_has_no_verb_beyond_what_is_rendered(controller: Api) -> None:
    for verb in ("escalate", "bind"):
        assert not may(controller, verb, "roles", RBAC)
    for resource in ("users", "groups", "serviceaccounts"):
        assert not may(controller, "impersonate", resource)
    for resource in ("pods", "pods/exec", "services", "serviceaccounts/token"):
        assert not may(controller, "create", resource)
    assert not may(controller, "deletecollection", "inferenceservices", "serving.kserve.io")
    assert not may(controller, "update", "configmaps", name="somebody-elses")
    assert not may(controller, "list", "configmaps")


def test_what_a_driver_of_spark_may_it_may_too_in_that_namespace_alone(controller: Api) -> None:
    """Nobody can grant what they do not have."""
    for resource in ("pods", "services", "configmaps", "persistentvolumeclaims"):
        assert may(controller, "create", resource)
        assert not may(controller, "list", resource, namespace=NAMESPACE)
    assert not may(controller, "create", "pods/exec")


def test_it_gives_nobody_more_than_it_has(cluster: ControlPlane, controller: Api) -> None:
    """This environment renders Roles, so that it may write them; what is in them, the API holds against its own."""
    secrets = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    assert "not currently held" in refused(partial(controller.apply, object_of("Role", rules=[secrets])))
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    admin = object_of("RoleBinding", roleRef=role, subjects=[subject])
    assert "not currently held" in refused(partial(controller.apply, admin))
    own = object_of("Role", f"{NAME}-mlgitops-examples")
    rules = cluster.api.read(own)["rules"]
    refused(partial(controller.apply, {**own, "rules": [*rules, secrets]}))


def test_where_no_role_is_rendered_it_makes_no_binding(cluster: ControlPlane, render: Any) -> None:
    make_namespace(cluster, MODELS)
    for manifest in render("--install", "--env", "dev", "--target", "azure-dev"):
        cluster.api.apply(manifest)
    api = Api(cluster.apiserver.access_with(token_of(cluster)))
    settled = partial(may, api, "list", "inferenceservices", "serving.kserve.io")
    wait_until(settled, "the controller's rights", SETTLE_SECONDS)
    for resource in ("roles", "rolebindings"):
        for verb in ("create", "patch", "get", "list", "delete"):
            assert not may(api, verb, resource, RBAC)
    reference = {"apiGroup": RBAC, "kind": "Role", "name": f"{NAME}-mlgitops-examples"}
    refused(partial(api.create, object_of("RoleBinding", roleRef=reference, subjects=[])))
    api.close()


SECRET_OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
secretGenerator:
  - name: login
    namespace: models-dev
    literals: [password=an-example]
"""


def test_a_secret_that_is_rendered_is_reached_by_its_name_alone(
    cluster: ControlPlane, render: Any, run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "environments/dev/kustomization.yaml").write_text(SECRET_OVERLAY)
    asked = ("--env", "dev", "--target", "azure-dev")
    make_namespace(cluster, MODELS)
    cluster.api.create(object_of("Secret"))
    manifests = render("--install", *asked)
    (named,) = {
        name
        for manifest in manifests
        for rule in manifest.get("rules") or ()
        if "secrets" in rule["resources"]
        for name in rule["resourceNames"]
    }
    for manifest in manifests:
        cluster.api.apply(manifest)
    access = cluster.apiserver.access_with(token_of(cluster))
    api = Api(access)
    wait_until(partial(may, api, "get", "secrets", name=named), "the controller's rights", SETTLE_SECONDS)
    monkeypatch.setenv("KUBECONFIG", str(cluster.write_kubeconfig("with-secret", access)))
    code, said = run("apply", *asked, "--yes", "--no-wait")
    assert code == 0, said
    assert cluster.api.exists(object_of("Secret", named))
    assert run("plan", *asked, "--detailed-exitcode")[0] == 0
    assert run("drift", *asked)[0] == 0
    refused(partial(api.read, object_of("Secret")))
    refused(partial(api.get, f"/api/v1/namespaces/{MODELS}/secrets"))
    (project / "environments/dev/kustomization.yaml").unlink()
    assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
    assert not cluster.api.exists(object_of("Secret", named))
    api.close()


# What is installed


def pods(manifests: list[Manifest]) -> Iterator[Manifest]:
    """The pods that a cluster's controllers would make of what is installed."""
    for manifest in manifests:
        if manifest["kind"] in ("Deployment", "StatefulSet"):
            template = manifest["spec"]["template"]
        elif manifest["kind"] == "CronJob":
            template = manifest["spec"]["jobTemplate"]["spec"]["template"]
        else:
            continue
        metadata = {**template["metadata"], "name": manifest["metadata"]["name"], "namespace": NAMESPACE}
        claimed = [claim["metadata"]["name"] for claim in manifest["spec"].get("volumeClaimTemplates", [])]
        volumes = [{"name": name, "persistentVolumeClaim": {"claimName": f"{name}-0"}} for name in claimed]
        spec = {**template["spec"], "volumes": [*template["spec"]["volumes"], *volumes]}
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    "variant",
    [
        (), ("--webhook",), ("--cron", "*/10 * * * *"), ("--mode", "hub"), ("--replicas", "3"), ("--state-size", "2Gi"),
        ("--state-size", "2Gi", "--cron", "*/10 * * * *"),
    ],
)  # fmt: skip
def test_the_installation_is_accepted_under_the_restricted_standards(
    cluster: ControlPlane, render: Any, variant: tuple[str, ...]
) -> None:
    make_namespace(cluster, MODELS)
    manifests = render("--install", *TARGET, *variant)
    for manifest in manifests:
        cluster.api.apply(manifest)
    (pod,) = pods(manifests)
    assert cluster.api.create(pod)["spec"]["securityContext"]["runAsUser"] == 65534


@pytest.mark.parametrize("lifted", ["securityContext", "capabilities", "seccompProfile"])
def test_the_standards_refuse_a_pod_that_has_less(cluster: ControlPlane, render: Any, lifted: str) -> None:
    make_namespace(cluster, MODELS)
    manifests = render("--install", *TARGET)
    for manifest in manifests:
        cluster.api.apply(manifest)
    (pod,) = pods(manifests)
    (container,) = pod["spec"]["containers"]
    if lifted == "securityContext":
        del container["securityContext"]
    elif lifted == "capabilities":
        del container["securityContext"]["capabilities"]
    else:
        del pod["spec"]["securityContext"]["seccompProfile"]
    assert "violates PodSecurity" in refused(partial(cluster.api.create, pod))


def test_the_hub_and_its_clusters_are_told_apart_by_a_label(render: Any) -> None:
    manifests = render("--install", "--mode", "hub", "--env", "dev")
    of = {
        place: {m["kind"] for m in manifests if m["metadata"]["labels"][CLUSTER] == place}
        for place in ("hub", "aws-dev")
    }
    assert "Deployment" in of["hub"]
    assert of["aws-dev"] == {"Namespace", "ServiceAccount", "Role", "RoleBinding"}


def test_kinds_are_named_as_the_api_names_them(cluster: ControlPlane) -> None:
    served = {
        (group["metadata"].get("name", ""), resource["responseKind"]["kind"]): resource
        for root in ("/api", "/apis")
        for group in cluster.api.request(
            "GET", root, accept="application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        )["items"]
        for version in group["versions"]
        for resource in version.get("resources", ())
    }
    known = {key: resource for key, resource in KNOWN.items() if key in served}
    assert {key: (resource.plural, resource.namespaced) for key, resource in known.items()} == {
        key: (served[key]["resource"], served[key]["scope"] == "Namespaced") for key in known
    }
    unserved = KNOWN.keys() - known.keys()
    assert {group for group, _ in unserved} <= {"external-secrets.io", "kueue.x-k8s.io"}
