"""A real control plane of its own for a test session: etcd and kube-apiserver, and controllers where they are wanted.

programs = build.programs(os.environ)
with ControlPlane(programs, snapshots.with_crds(["kserve-0.16"], programs, os.environ)) as plane:
    subprocess.run(["mlgitops", "plan"], env={"KUBECONFIG": str(plane.kubeconfig)})
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import urllib3

from tests.testbed import credentials
from tests.testbed.api import Api, ApiError, Object
from tests.testbed.apiserver import MASTERS, ApiServer
from tests.testbed.audit import HARNESS, AuditLog
from tests.testbed.credentials import Access
from tests.testbed.errors import PortTakenError, TestbedError
from tests.testbed.etcd import Etcd, Key
from tests.testbed.process import Process
from tests.testbed.waiting import wait_until

ADMIN = "admin"
CONTEXT = "testbed"
CONTROLLERS = ("namespace-controller", "garbage-collector-controller")
CONTROLLER_USER = "system:kube-controller-manager"
SCHEDULER_USER = "system:kube-scheduler"
USERS = dict.fromkeys((ADMIN, HARNESS, CONTROLLER_USER, SCHEDULER_USER), (MASTERS,))
START_SECONDS = 120.0
SETTLE_SECONDS = 180.0
ATTEMPTS = 3

Rule = Mapping[str, Sequence[str]]


class ControlPlane:
    """Running while the ``with`` block does; several may run side by side. Nothing of it is left afterwards.

    ``kubeconfig`` makes its reader the administrator ``admin``. ``api`` is the test's own view, as a user whose
    requests stay out of ``audit``. ``etcd.process`` and ``apiserver.process`` can be paused, killed and started again.
    ``programs`` are those that build.py finds. ``data`` is what etcd holds at first, a directory that is copied (see
    snapshots.py); without it, nothing.
    """

    def __init__(self, programs: Mapping[str, Path], data: Path | None = None) -> None:
        self.programs = programs
        self._data = data
        self._stack = contextlib.ExitStack()
        self.directory: Path
        self.etcd: Etcd
        self.apiserver: ApiServer
        self.api: Api
        self.audit: AuditLog
        self.kubeconfig: Path

    def __enter__(self) -> Self:
        scratch = tempfile.TemporaryDirectory(prefix="mlgitops-testbed-")
        root = Path(self._stack.enter_context(scratch))
        try:
            self._start(root)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # What is in it

    def apply_crds(self, definitions: Iterable[Object]) -> None:
        """Makes the server serve these custom resources, replacing other versions of them, and waits until it does."""
        wanted = list(definitions)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._put_definition, wanted))
        resources = {resource for definition in wanted for resource in _resources(definition)}
        wait_until(lambda: resources <= self.api.served(), "the custom resources to be served", SETTLE_SECONDS)

    def new_namespace(self) -> str:
        """The name of a fresh namespace."""
        name = f"test-{uuid4().hex[:10]}"
        self.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return name

    def checkpoint(self) -> frozenset[Key]:
        """What there is now, for ``reset``."""
        return self.etcd.keys()

    def reset(self, checkpoint: frozenset[Key]) -> None:
        """Removes every object that was made since, in milliseconds. What was changed or deleted since stays so."""
        self.etcd.remove(self.etcd.keys() - checkpoint)

    # Who may do what

    def add_account(self, name: str, rules: Sequence[Rule], namespace: str = "") -> Path:
        """A kubeconfig for a new service account that may do what the rules say, in one namespace or ("") everywhere.

        The account lives in that namespace, or in ``default``. Returns once the server has taken the rules in.
        """
        home = namespace or "default"
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": home}}
        self.api.create(account)
        for manifest in _grants(name, home, rules, cluster=not namespace):
            self.api.create(manifest)
        user = f"system:serviceaccount:{home}:{name}"
        for rule in rules:
            wait_until(partial(self._allowed, user, rule, namespace), f"{user}'s rights", SETTLE_SECONDS)
        return self.write_kubeconfig(f"{home}-{name}", self._access_of(account))

    def write_kubeconfig(self, name: str, access: Access) -> Path:
        """A kubeconfig file in the plane's own directory, for an access of this or another server (a proxy's, say).

        Its one context is ``CONTEXT``.
        """
        return credentials.write_kubeconfig(self.directory / f"{name}.kubeconfig", {CONTEXT: access})

    # More of a control plane

    def start_controllers(self, *controllers: str) -> Process:
        """Runs kube-controller-manager with the named controllers; without names, those that delete dependents."""
        return self._start_client(
            "kube-controller-manager",
            CONTROLLER_USER,
            f"--controllers={','.join(controllers or CONTROLLERS)}",
            f"--service-account-private-key-file={self.apiserver.service_account_key}",
            f"--root-ca-file={self.apiserver.certificate}",
        )

    def start_scheduler(self) -> Process:
        """Runs kube-scheduler."""
        return self._start_client("kube-scheduler", SCHEDULER_USER)

    # How it is done

    def _start(self, root: Path) -> None:
        """Starts it in a directory below ``root``; again, on other ports, where another process took one of ours."""
        for attempt in range(1, ATTEMPTS + 1):
            self.directory = root / str(attempt)
            self.directory.mkdir()
            try:
                self._start_servers()
                return
            except PortTakenError:
                self.apiserver.process.kill()
                self.etcd.process.kill()
                if attempt == ATTEMPTS:
                    raise

    def _start_servers(self) -> None:
        self.etcd = Etcd(self.programs["etcd"], self.directory)
        if self._data is not None:
            shutil.copytree(self._data, self.etcd.data)
        self.apiserver = ApiServer(self.programs["kube-apiserver"], self.directory, self.etcd.url, USERS)
        self.api = Api(self.apiserver.access(HARNESS))
        self._stack.callback(self.api.close)
        self._run(self.etcd.process)
        self._run(self.apiserver.process)
        wait_until(self._ready, "the API server to be ready", START_SECONDS)
        self.audit = AuditLog(self.apiserver.audit_log, lambda marker: self.api.get(f"/version?{marker}"))
        self.kubeconfig = self.write_kubeconfig(ADMIN, self.apiserver.access(ADMIN))

    def _run(self, process: Process) -> None:
        self._stack.callback(process.kill)  # nothing in it is worth an orderly end
        process.start()

    def _ready(self) -> bool:
        for process in (self.etcd.process, self.apiserver.process):
            process.require_running()
        try:
            self.api.get("/readyz")
            self.api.get("/api/v1/namespaces/default")
            self.api.get("/api/v1/namespaces/default/services/kubernetes")
        except (OSError, urllib3.exceptions.HTTPError, ApiError):
            return False
        return True

    def _start_client(self, program: str, user: str, *flags: str) -> Process:
        if program not in self.programs:
            there = self.programs["etcd"].parent
            raise TestbedError(f"{there} has no {program}; unset KUBEBUILDER_ASSETS to use the one that we build")
        kubeconfig = self.write_kubeconfig(program, self.apiserver.access(user))
        shared = (f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0")
        process = Process([self.programs[program], *shared, *flags], self.directory)
        self._run(process)
        return process

    def _put_definition(self, definition: Object) -> None:
        try:
            self.api.create(definition)
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            self.api.apply(definition)

    def _allowed(self, user: str, rule: Rule, namespace: str) -> bool:
        """Whether the server already lets the user do the first thing that a rule allows."""
        first = {name: next(iter(values)) for name, values in rule.items()}
        attributes = {"verb": first["verbs"], "group": first["apiGroups"], "resource": first["resources"]}
        attributes |= {"namespace": namespace, "name": first.get("resourceNames", "")}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "metadata": {},
            "spec": {"user": user, "resourceAttributes": attributes},
        }
        return bool(self.api.create(review)["status"]["allowed"])

    def _access_of(self, account: Object) -> Access:
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        answer = self.api.request("POST", f"{self.api.path(account)}/token", request)
        return self.apiserver.access_with(answer["status"]["token"])


def _resources(definition: Object) -> Iterator[tuple[str, str, str]]:
    """Group, version and plural of what a definition makes the server serve."""
    spec = definition["spec"]
    for version in spec["versions"]:
        if version["served"]:
            yield spec["group"], version["name"], spec["names"]["plural"]


def _grants(name: str, home: str, rules: Sequence[Rule], cluster: bool) -> Iterator[Object]:
    """A role with the rules, and its binding to the service account."""
    prefix = "Cluster" if cluster else ""
    group = "rbac.authorization.k8s.io"
    metadata = {"name": name} if cluster else {"name": name, "namespace": home}
    yield {"apiVersion": f"{group}/v1", "kind": f"{prefix}Role", "metadata": metadata, "rules": list(rules)}
    yield {
        "apiVersion": f"{group}/v1",
        "kind": f"{prefix}RoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": group, "kind": f"{prefix}Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": home}],
    }
