from __future__ import annotations

from dataclasses import replace

from mlgitops.render.bootstrap import DeployBranch, argocd, flux

BRANCH = DeployBranch(
    "shop", "dev", "aws", "git@git.example.com:ml/deploy.git", "deploy/dev/aws", "clusters/aws",
    frozenset({"InferenceService"}), frozenset({"models-dev"}),
)  # fmt: skip


def test_an_application_syncs_the_branch_to_the_cluster_of_the_targets_name() -> None:
    (application,) = argocd(BRANCH)
    assert application["metadata"]["name"] == "dev-aws"
    assert "finalizers" not in application["metadata"]
    assert application["spec"] == {
        "project": "default",
        "source": {
            "repoURL": "git@git.example.com:ml/deploy.git",
            "targetRevision": "deploy/dev/aws",
            "path": "clusters/aws",
            "directory": {"recurse": True},
        },
        "destination": {"name": "aws", "namespace": "models-dev"},
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["ServerSideApply=true", "RespectIgnoreDifferences=true"],
        },
    }


def test_an_application_ignores_only_what_kueue_owns_in_kinds_that_are_there() -> None:
    (application,) = argocd(replace(BRANCH, kinds=frozenset({"TrainJob", "InferenceService"})))
    assert application["spec"]["ignoreDifferences"] == [
        {"group": "trainer.kubeflow.org", "kind": "TrainJob", "jsonPointers": ["/spec/suspend"]}
    ]


def test_an_application_of_several_namespaces_names_none_and_of_a_whole_branch_its_root() -> None:
    (application,) = argocd(replace(BRANCH, folder="", namespaces=frozenset({"a", "b"})))
    assert application["spec"]["destination"] == {"name": "aws"}
    assert application["spec"]["source"]["path"] == "."


def test_flux_follows_the_branch_and_waits_for_what_it_applied() -> None:
    repository, kustomization = flux(BRANCH)
    assert repository["spec"] == {
        "interval": "1m", "url": "ssh://git@git.example.com/ml/deploy.git", "ref": {"branch": "deploy/dev/aws"}
    }  # fmt: skip
    assert kustomization["spec"] == {
        "interval": "10m",
        "retryInterval": "2m",
        "timeout": "10m",
        "prune": True,
        "wait": True,
        "path": "./clusters/aws",
        "sourceRef": {"kind": "GitRepository", "name": "dev-aws"},
    }
    assert flux(replace(BRANCH, folder=""))[1]["spec"]["path"] == "./"


def test_the_engines_own_objects_are_in_no_inventory() -> None:
    for manifest in (*argocd(BRANCH), *flux(BRANCH)):
        assert not [key for key in manifest["metadata"]["labels"] if key.startswith("mlgitops.dev/")]
