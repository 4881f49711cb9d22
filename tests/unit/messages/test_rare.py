"""Errors of what happens rarely: others are always faster, a program hangs, a disk fails.

For each a part is exchanged, since no test can have it happen at will; what is looked at is the message alone.
"""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mlgitops.cli import compile as compile_verb
from mlgitops.controller import place
from mlgitops.errors import MlgitopsError, ToolError
from mlgitops.forges import azure_devops, local, local_record
from mlgitops.jobs import drift, outside
from mlgitops.manifest import Identity
from mlgitops.plan import run_parameters
from mlgitops.registries import content
from mlgitops.sources import mirror, worktree
from mlgitops.targets import lock
from mlgitops.targets.git import branch, connection
from mlgitops.targets.kubernetes import record, writing
from mlgitops.targets.kubernetes.failures import ApiError
from mlgitops.tools import git
from mlgitops.workflows import bootstrap, explain, install, logs, overlay, run, schemas
from mlgitops.workflows import compile as compiling
from mlgitops.workflows.evidence import evaluate, propose
from mlgitops.workflows.promotion import aliases, base, compare, expected, promote, proposal, retire, retrain, rollback

Patches = Mapping[str, Any]
NOWHERE = Path("/nowhere/at/all")
IRIS = Identity("", "ConfigMap", "ml", "iris")
COLLISION = ApiError(409, {"reason": "Conflict"}, "it changed")


def fake(**parts: Any) -> Any:
    """Something with these parts and nothing else."""
    return SimpleNamespace(**parts)


def failing(error: BaseException) -> Callable[..., Any]:
    """A function that raises."""

    def fails(*_: object, **__: object) -> Any:
        raise error

    return fails


def always(answer: object) -> Callable[..., Any]:
    """A function that answers the same to everything."""
    return lambda *_, **__: answer


def within(context: Any, error: BaseException) -> None:
    """Has an error come up within a context."""
    with context:
        raise error


REMOTE = fake(name="branch deploy", head=always("a"), advance=always(False))
BASE = fake(
    branch="main", prefix="", commit="c", git_dir=NOWHERE, remote=always(REMOTE), content=always(None),
    environment_names=("dev",),
)  # fmt: skip
STOPPED: Patches = {
    "mlgitops.workflows.promotion.proposal.pause": always(0),
    "mlgitops.targets.git.connection.pause": always(0),
    "mlgitops.forges.local_record.LONGEST_PAUSE_SECONDS": 0,
    "mlgitops.tools.git_objects.write_commit": always("d"),
    "mlgitops.tools.git_merge.merged_tree": always("t"),
    "mlgitops.tools.git_merge.write_merge": always("m"),
    "mlgitops.tools.git_refs.advance": always(False),
    "mlgitops.forges.azure_devops.COMPLETE_PAUSE_SECONDS": 0,
    "mlgitops.targets.kubernetes.writing.SERVED_SECONDS": 0,
}
NO_RELEASE: Patches = {
    f"mlgitops.workflows.promotion.{module}.{name}": answer
    for module in ("rollback", "retire", "promote", "aliases")
    for name, answer in {"read_model": always(fake(path="iris.yaml")), "release_of": always(None)}.items()
} | {
    f"mlgitops.workflows.promotion.{module}.require_environment": always(None) for module in ("rollback", "retire")
} | {"mlgitops.workflows.promotion.retire._lifecycle": always(None)}  # fmt: skip
CLAIM: Any = fake(model="iris", target="prod", source="dev", old=None, new=fake(version="2"), stage="")


def _pipelines(*owners: str) -> Any:
    """A rendering with a WorkflowTemplate of each owner at two targets."""
    return fake(targets=[fake(target=name, manifests=[_template(one) for one in owners]) for name in ("here", "there")])


def _template(owner: str) -> dict[str, Any]:
    kind, _, name = owner.rpartition("/")
    labels = {"mlgitops.dev/pipeline": name}
    return {"kind": kind, "metadata": {"name": name, "namespace": "ml", "labels": labels}}


MOVING = [
    lambda: local.LocalForge.merge(
        fake(
            pull_request=always(fake(
                state="open", head_commit="a", base="main", branch="promote", number=1, title="Promote", approved_by=(),
                reviewers=(), body="", author="Test",
            )),
            _require_mergeable=always(None), _edit=always(None), _head=always("a"), _git_dir=NOWHERE,
            _who="Test <test@example.com>",
        ), 1, "a",
    ),
    lambda: local_record.Record.change(
        fake(_head=always("a"), _at=always({}), _git_dir=NOWHERE, _move=always(False)), "Open", always({})
    ),
    lambda: connection.BranchConnection._moved(
        fake(_tree=fake(commit="a"), _branch=fake(name="branch deploy", git_dir=NOWHERE, advance=always(False)),
             _followed=always("b")), {}, fake(),
    ),
    lambda: proposal._push(BASE, fake(branch="promote/iris", parts=()), "2026-01-01T00:00:00Z"),
    lambda: azure_devops.AzureDevOps.merge(
        fake(_send=always(None), _pull=always("pull"), _get=always({"status": "active"})), 7, "a"
    ),
    lambda: writing.Writing._await_served(fake(), {"spec": {"group": "example.com", "names": {"kind": "Thing"}}}),
]  # fmt: skip


@pytest.mark.parametrize("broken", MOVING)
def test_what_others_are_always_faster_at_is_given_up(broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, instead in STOPPED.items():
        monkeypatch.setattr(name, instead)
    monkeypatch.setattr(proposal, "_is_current", always(False))
    monkeypatch.setattr(proposal, "_written", always("d"))
    told(broken)


def told(broken: Callable[[], object]) -> None:
    """The call is refused with a message, and with what to do."""
    with pytest.raises(MlgitopsError) as caught:
        broken()
    assert caught.value.message
    assert caught.value.help


@pytest.mark.parametrize(
    "broken",
    [
        lambda: rollback.draft(BASE, "iris", "dev", "", fake(reason="")),
        lambda: retire.draft(BASE, "iris", "dev", fake()),
        lambda: promote._held(BASE, "iris", "dev", ""),
        lambda: aliases._wanted(BASE, "dev", ("iris",)),
    ],
)
def test_a_model_without_a_release_is_told_what_to_do_first(broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, instead in NO_RELEASE.items():
        monkeypatch.setattr(name, instead)
    told(broken)


EXCHANGED: dict[str, tuple[Patches, Callable[[], object]]] = {
    "a hanging git": (
        {"subprocess.run": failing(subprocess.TimeoutExpired("git", 60))},
        lambda: git.fed(["hash-object"], Path(), b""),
    ),
    "locks that the file system does not know": (
        {"fcntl.flock": failing(OSError(errno.ENOLCK, "No locks available"))},
        lambda: lock._acquire(0, NOWHERE),
    ),
    "a folder that cannot be listed": ({}, lambda: worktree._Disk.names(fake(), str(NOWHERE))),
    "a mirror that stays broken": (
        {}, lambda: within(mirror.Mirror._wrapped(fake(address="https://git.example.com/shop")), mirror._BrokenError()),
    ),
    "files of a model that cannot be read": (
        {"mlgitops.registries.content._read": failing(OSError(errno.EIO, "Input/output error"))},
        lambda: content.directory_digest(Path(__file__)),
    ),
    "a branch that moves all the time": (
        {"mlgitops.tools.git_refs.remote_head": always("a"), "mlgitops.tools.git_objects.has_commit": always(False)},
        lambda: branch.RemoteBranch.head(
            fake(name="branch deploy", git_dir=NOWHERE, _address="", _branch="deploy", _fetch=always(None))
        ),
    ),
    "an inventory that somebody else wrote": (
        {"mlgitops.targets.kubernetes.applyset.to_config_map": always({"metadata": {"annotations": {}}})},
        lambda: record.Record.write(fake(_namespace="ml", _head="", _sent=failing(COLLISION)), fake()),
    ),
    "an object that changes all the time": (
        {f"mlgitops.targets.kubernetes.writing.{name}": always({}) for name in ("to_apply", "_pinned")}
        | {"mlgitops.targets.kubernetes.dry_run.apply": failing(COLLISION)},
        lambda: writing.Writing.put(
            fake(_resource=always(None), _applyset="", _expected=always("1"), _client=None, _moved=always(None)),
            _template("ConfigMap/iris") | {"apiVersion": "v1"}, "1", force=False,
        ),
    ),
    "an object that changes while it is deleted": (
        {"mlgitops.targets.kubernetes.writing._delete_options": always({})},
        lambda: writing.Writing.delete(
            fake(_discovery=fake(find=always(fake(path=str))), _expected=always("1"),
                 _client=fake(send=failing(COLLISION)), _moved=always(None)), IRIS, "1",
        ),
    ),
    "storage that cannot be listed": (
        {"mlgitops.jobs.outside._system": always((fake(find=failing(OSError("Forbidden"))), "logs"))},
        lambda: outside.listed("s3://bucket/logs"),
    ),
    "a job without fsspec": ({"sys.modules/fsspec.core": None}, lambda: outside._system("s3://bucket/logs")),
    "a job without what its storage needs": (
        {"fsspec.core.url_to_fs": failing(ImportError("Install s3fs to access S3"))},
        lambda: outside._system("s3://bucket/logs"),
    ),
    "reference data that is none": (
        {"mlgitops.jobs.outside.read": always(b"no\x00thing")},
        lambda: drift.measure(fake(reference="s3://bucket/train.json")),
    ),
    "a local forge whose repository is broken": (
        {},
        lambda: local.LocalForge._change(
            fake(_record=fake(change=failing(ToolError("git failed", help="see what git says"))), _git_dir=NOWHERE),
            "Open", always({}),
        ),
    ),
    "a controller that was never there": (
        {"mlgitops.targets.kubernetes.own.cluster_of": always(fake(get=failing(ApiError(404, {}, "gone"))))},
        lambda: place._from_cluster("kubernetes:ml", 0.0),
    ),
    "a pipeline that cannot be written": (
        {}, lambda: compile_verb._written(Path("/dev/null/train.yaml"), fake(text=""), force=False),
    ),
    "a workflow that cannot be read": ({}, lambda: compiling._read(NOWHERE, NOWHERE / "flow.yaml")),
    "questions that are none": (
        {"mlgitops.sources.given.read_given": always([fake(name="golden.jsonl", content=b"{}\n")])},
        lambda: evaluate._golden(NOWHERE),
    ),
    "a token that is not there": ({}, lambda: evaluate._token(fake(token_from="TOKEN_OF_NOBODY"))),
    "evidence that somebody else proposes": (
        {"mlgitops.tools.git_objects.write_commit": always("d")}
        | {f"mlgitops.workflows.evidence.propose.{name}": always(value)
           for name, value in {"_beside": None, "_holds": False, "start": "c"}.items()}
        | {"mlgitops.promotion.evidence.text": always(b"")},
        lambda: propose._pushed(BASE, "evidence/dev/iris", fake(path="iris.json", evidence=None), "Evidence", ""),
    ),
    "a field outside a spec": ({}, lambda: explain.values(fake(), fake(), "project.metadata.name")),
    "a branch that Git keeps": ({}, lambda: install._refuse_branch("HEAD")),
    "a model that is elsewhere": (
        {
            "mlgitops.workflows.plan.rendered": always([fake(targets=[fake(target="here"), fake(target="there")])]),
            "mlgitops.workflows.logs.Selection": fake(of=always(fake(keeps_target=lambda one: one == "there"))),
            "mlgitops.workflows.logs._ear": lambda root, rendering, target, asked: target.target == "here" or None,
        },
        lambda: logs.ears(fake(root=NOWHERE), fake(environment="dev", targets=("there",), name="iris")),
    ),
    "control characters before kustomize": (
        {"mlgitops.workflows.overlay.not_carried": always([_template("ConfigMap/iris") | {"apiVersion": "v1"}])},
        lambda: overlay._check_carried([]),
    ),
    "a forge without the branch": (
        {f"mlgitops.workflows.promotion.base.{name}": always(value)
         for name, value in {"_forge_settings": {"kind": "github"}, "prefix_of": "", "_address": "origin",
                             "Base": fake(remote=always(fake(head=always(""))))}.items()}
        | {"mlgitops.tools.git_refs.common_directory": always(NOWHERE)},
        lambda: base.open_base(fake(root=NOWHERE)),
    ),
    "a repository without a remote": (
        {"mlgitops.tools.git_refs.address_of": always("")}, lambda: base._address(NOWHERE, {"kind": "github"}),
    ),
    "a model without a history": (
        {f"mlgitops.workflows.promotion.compare.{name}": always(value)
         for name, value in {"Branch": None, "_commit": "c", "prefix_of": "", "choose_environments": ()}.items()}
        | {"mlgitops.tools.git_refs.common_directory": always(NOWHERE)},
        lambda: compare.of_versions(fake(root=NOWHERE), "iris", ()),
    ),
    "nothing to propose": (
        {"mlgitops.workflows.promotion.proposal.start": always("c"),
         "mlgitops.tools.git_objects.write_commit": always(""),
         "mlgitops.workflows.promotion.proposal._files": always({})},
        lambda: proposal._written(BASE, fake(title="Promote iris", parts=[fake(message="")]), "", ""),
    ),
    "an engine that cannot reach the branch": (
        {"mlgitops.workflows.bootstrap.address_of": always("")},
        lambda: bootstrap._url(NOWHERE, fake(address=""), "here"),
    ),
    "a cluster whose OpenAPI is odd": (
        {"mlgitops.workflows.schemas._check_targets": always(None),
         "mlgitops.targets.kubernetes.client.Client": always(None),
         "mlgitops.targets.kubernetes.published.openapi_documents": failing(ValueError("schema is not a mapping"))},
        lambda: schemas.import_cluster(fake(root=NOWHERE), (), None, None, replace=False),
    ),
    "a schema that is too large": (
        {"mlgitops.workflows.schemas.to_json": always(b"x" * 2**21)},
        lambda: schemas._contents([fake(file_name="thing.json", schema={}, kind="Thing")]),
    ),
    "a pipeline that is nowhere": (
        {"mlgitops.workflows.run.owner_of": lambda one: f"Pipeline/{one['metadata']['name']}"},
        lambda: run._template(_pipelines("CronWorkflow/train"), run.Start("tarin", "dev")),
    ),
    "a pipeline without steps": (
        {"mlgitops.workflows.run.owner_of": lambda one: f"Pipeline/{one['metadata']['name']}"},
        lambda: run._template(_pipelines("TrainJob/train"), run.Start("train", "dev")),
    ),
    "a pipeline at two targets": (
        {"mlgitops.workflows.run.owner_of": lambda one: f"Pipeline/{one['metadata']['name']}"},
        lambda: run._template(_pipelines("WorkflowTemplate/train"), run.Start("train", "dev")),
    ),
    "a pipeline at another target": (
        {"mlgitops.workflows.run.owner_of": lambda one: f"Pipeline/{one['metadata']['name']}"},
        lambda: run._template(_pipelines("WorkflowTemplate/train"), run.Start("train", "dev", "elsewhere")),
    ),
    "a parameter that is none": (
        {"mlgitops.plan.run_parameters.problems": always(["there is no parameter 'x'"])},
        lambda: run_parameters.refuse((), {"x": "1"}),
    ),
    "a run that is gone": (
        {"mlgitops.workflows.run._find": always(fake(
            name="here", template={"metadata": {"namespace": "ml"}}, connection=fake(live=always({}))))},
        lambda: run.find(fake(), "dev", "here", "train-x7k2pq"),
    ),
    "a pipeline that was not applied": (
        {"mlgitops.workflows.run._find": always(fake(
            name="here", template={"apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTemplate",
                                   "metadata": {"namespace": "ml", "name": "train"}}, target=fake(target="here"))),
         "mlgitops.workflows.run._spec": always(fake(parameters=())),
         "mlgitops.workflows.run._deployed": always({})},
        lambda: run.start(fake(), run.Start("train", "dev"), "x7k2pq", "me"),
    ),
    "a model that was never released": (
        {"mlgitops.workflows.promotion.retrain._found": always(("dev", "train", fake(run=None))),
         "mlgitops.workflows.promotion.retrain.read_model": always(fake(data={})),
         "mlgitops.workflows.promotion.retrain.release_of": always(None)},
        lambda: retrain.draft(BASE, retrain.Asked("iris")),
    ),
    "a model that is retired where it is trained": (
        {"mlgitops.workflows.promotion.retrain._found": always(("dev", "train", fake(run=None))),
         "mlgitops.workflows.promotion.retrain.read_model": always(fake(
             data={"spec": {"lifecycle": {"stage": "retired"}}}))},
        lambda: retrain.draft(BASE, retrain.Asked("iris")),
    ),
    "a model that no pipeline makes": (
        {"mlgitops.workflows.promotion.retrain._pipelines": always({"train": fake(model="rose", registration=None)})},
        lambda: retrain._found(fake(environments=["dev"]), retrain.Asked("iris")),
    ),
    "a model that two pipelines make": (
        {"mlgitops.workflows.promotion.retrain._pipelines":
         always(dict.fromkeys(("one", "two"), fake(model="iris", registration=None)))},
        lambda: retrain._found(fake(environments=["dev"]), retrain.Asked("iris")),
    ),
    "a pipeline that makes another model": (
        {"mlgitops.workflows.promotion.retrain._pipelines": always({"train": fake(model="iris", registration=None)})},
        lambda: retrain._found(fake(environments=["dev"]), retrain.Asked("iris", pipeline="tarin")),
    ),
    "a pipeline that drifted": (
        {"mlgitops.workflows.plan.compare_site": always(fake(pending=(
            fake(identity=IRIS, action="update", fields=(fake(pointer="spec.steps"),)),)))},
        lambda: run._deployed(
            fake(target=fake(manifests=()), rendering=None, connection=fake(live=always({})), name="here"),
            run.Start("train", "dev"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", EXCHANGED)
def test_what_happens_rarely_is_told_with_what_to_do(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patches, broken = EXCHANGED[what]
    for name, instead in patches.items():
        if name.startswith("sys.modules/"):
            monkeypatch.setitem(sys.modules, name.partition("/")[2], instead)
        else:
            monkeypatch.setattr(name, instead)
    told(broken)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: expected._released(BASE, CLAIM, {"release": {}}, {}),
        lambda: expected._rolled_back(BASE, CLAIM, {"hold": {"reason": "bad"}}),
        lambda: expected._retired(BASE, CLAIM, {"lifecycle": {}}, "2026-01-01T00:00:00Z"),
    ],
)
def test_a_claim_that_does_not_hold_is_a_reason(broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "evidence_path", always("iris.json"))
    monkeypatch.setattr("mlgitops.workflows.promotion.release.draft", always(None))
    monkeypatch.setattr("mlgitops.workflows.promotion.retire.draft", always(None))
    with pytest.raises(MlgitopsError) as caught:
        broken()
    assert caught.value.message
