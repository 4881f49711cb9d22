from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import click
import pytest

from mlgitops.cli.controller import controller as command
from mlgitops.cli.main import main
from mlgitops.controller.stores import NAME as LEADERS_NAME
from mlgitops.manifest import Manifest
from mlgitops.render.install.arguments import arguments, once
from mlgitops.render.install.install import rights
from mlgitops.render.install.installation import CLUSTER, HUB, NAME, SELECTOR, Cluster, Installation
from mlgitops.render.install.network import git_port
from mlgitops.render.install.pod import STATE, git_container

Make = Callable[..., Installation]
Installed = Callable[..., dict[tuple[str, str, str], Manifest]]
VARIANTS: list[dict[str, Any]] = [
    {}, {"webhook": True}, {"notifications": True, "pull_requests": True},
    {"signed": ("ssh",)}, {"signed": ("ssh", "gpg"), "trust_since": "1" * 40},
    {"schedule": "*/10 * * * *"}, {"mode": "hub"}, {"root": "ml/specs"}, {"replicas": 3},
    {"state_size": "2Gi"}, {"state_size": "2Gi", "replicas": 3}, {"state_size": "2Gi", "schedule": "0 * * * *"},
]  # fmt: skip


def pods(found: dict[tuple[str, str, str], Manifest]) -> Iterator[dict[str, Any]]:
    for (_, kind, _), manifest in found.items():
        if kind in ("Deployment", "StatefulSet"):
            yield manifest["spec"]["template"]
        if kind == "CronJob":
            yield manifest["spec"]["jobTemplate"]["spec"]["template"]


def claims(found: dict[tuple[str, str, str], Manifest]) -> list[Manifest]:
    """What a StatefulSet claims for each of its pods."""
    sets = [manifest for (_, kind, _), manifest in found.items() if kind == "StatefulSet"]
    return [claim for one in sets for claim in one["spec"].get("volumeClaimTemplates", [])]


def options(given: list[str]) -> dict[str, Any]:
    """What the real command makes of a command line. Raises ``click.UsageError``."""
    verb, *rest = given
    assert verb == command.name
    context = click.Context(command, parent=click.Context(main, **main.context_settings))
    parsed, left, _ = command.make_parser(context).parse_args(args=rest)
    assert left == []
    return parsed


def test_the_records_of_a_leader_are_those_that_the_rights_name(installed: Installed) -> None:
    assert NAME == LEADERS_NAME
    own = installed()["aws-prod", "Role", NAME]
    named = {(*rule["resources"], *rule["verbs"]) for rule in own["rules"] if rule.get("resourceNames") == [NAME]}
    assert named == {("leases", "get", "update"), ("configmaps", "get", "update")}


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_command_line_is_one_that_the_controller_takes(installation: Make, variant: dict[str, Any]) -> None:
    made = installation(**variant)
    parsed = options(arguments(made))
    assert (parsed["repository"], parsed["branch"]) == ("https://git.example.com/ml/models.git", "main")
    assert parsed["targets"] == ["aws-prod"]
    assert ("once" in parsed, "listen" in parsed) == (bool(made.schedule), not made.schedule)
    assert parsed.get("path", "") == made.root
    assert parsed["election"] == made.namespace
    assert ("webhook_secret" in parsed, "replica" in parsed) == (made.webhook, bool(made.replicas))
    assert ("allowed_signers" in parsed, "keyring" in parsed) == ("ssh" in made.signed, "gpg" in made.signed)
    assert parsed.get("trust_since", "") == made.trust_since
    responds = ("notification_urls" in parsed, "open_pull_requests" in parsed)
    assert responds == (made.notifications, made.pull_requests)


def test_what_the_controller_does_not_take_is_noticed() -> None:
    with pytest.raises(click.UsageError, match="--nonsense"):
        options(["controller", "--nonsense=1"])


def test_one_target_is_brought_to_a_branch_and_what_is_held_back_fails(installation: Make) -> None:
    parsed = options(once(installation(), "/source", "pinned", "prod", "aws-prod"))
    assert (parsed["repository"], parsed["branch"], parsed["once"]) == ("/source", "pinned", True)
    assert (parsed["environments"], parsed["targets"]) == (["prod"], ["aws-prod"])
    assert parsed["detailed_exitcode"] is True


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_every_container_is_of_the_restricted_profile_and_mounts_what_there_is(
    installed: Installed, variant: dict[str, Any]
) -> None:
    found = installed(**variant)
    (template,) = pods(found)
    spec = template["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert (spec["securityContext"]["runAsUser"], spec["securityContext"]["runAsNonRoot"]) == (65534, True)
    security = container["securityContext"]
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert (security["readOnlyRootFilesystem"], security["allowPrivilegeEscalation"]) == (True, False)
    claimed = {one["metadata"]["name"] for one in claims(found)}
    assert {mount["name"] for mount in container["volumeMounts"]} == {one["name"] for one in spec["volumes"]} | claimed
    writable = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
    assert writable == {STATE, "/tmp"}


def test_the_accounts_token_is_mounted_into_the_controller_and_by_no_default(installed: Installed) -> None:
    found = installed()
    (template,) = pods(found)
    assert template["spec"]["automountServiceAccountToken"] is False
    assert found["aws-prod", "ServiceAccount", NAME]["automountServiceAccountToken"] is False
    (volume,) = [volume for volume in template["spec"]["volumes"] if volume["name"] == "token"]
    assert volume["projected"]["sources"][0]["serviceAccountToken"]["path"] == "token"


@pytest.mark.parametrize(("kind", "option"), [("ssh", "--allowed-signers"), ("gpg", "--keyring")])
def test_the_keys_that_are_named_are_those_that_are_mounted(installed: Installed, kind: str, option: str) -> None:
    (template,) = pods(installed(signed=(kind,)))
    (container,) = template["spec"]["containers"]
    (volume,) = [volume for volume in template["spec"]["volumes"] if volume["name"] == "trust"]
    (mount,) = [mount for mount in container["volumeMounts"] if mount["name"] == "trust"]
    assert (volume["configMap"], mount["readOnly"]) == ({"name": "mlgitops-trust"}, True)
    (given,) = [argument for argument in container["args"] if argument.startswith(option)]
    assert given.startswith(f"{option}={mount['mountPath']}/")


def test_threads_share_one_arena_of_memory(installed: Installed) -> None:
    for variant in ({}, {"schedule": "*/10 * * * *"}):
        (template,) = pods(installed(**variant))
        assert {"name": "MALLOC_ARENA_MAX", "value": "1"} in template["spec"]["containers"][0]["env"]


def test_replicas_that_share_the_targets_are_called_as_their_pods(installed: Installed) -> None:
    found = installed(replicas=3)
    (template,) = pods(found)
    (container,) = template["spec"]["containers"]
    assert ("aws-prod", "Deployment", NAME) not in found
    assert found["aws-prod", "StatefulSet", NAME]["spec"]["replicas"] == 3
    assert "--replica=$(POD_NAME)" in container["args"]
    assert {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}} in container["env"]


def test_a_controller_that_keeps_its_state_is_one_pod_with_a_volume_of_its_own(installed: Installed) -> None:
    found = installed(state_size="2Gi")
    one = found["aws-prod", "StatefulSet", NAME]["spec"]
    assert (one["replicas"], ("aws-prod", "Deployment", NAME) in found) == (1, False)
    (claim,) = claims(found)
    assert claim["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}
    assert len(claims(installed(state_size="2Gi", replicas=3))) == 1
    assert claims(installed(replicas=3)) == []


def test_runs_that_keep_their_state_share_a_claim(installed: Installed) -> None:
    found = installed(state_size="500Mi", schedule="0 * * * *")
    (template,) = pods(found)
    (volume,) = [volume for volume in template["spec"]["volumes"] if volume["name"] == "state"]
    name = volume["persistentVolumeClaim"]["claimName"]
    assert found["aws-prod", "PersistentVolumeClaim", name]["spec"]["resources"]["requests"]["storage"] == "500Mi"
    order = [kind for _, kind, _ in found]
    assert order.index("PersistentVolumeClaim") < order.index("CronJob")


def test_only_replicas_that_share_the_targets_may_list_leases_and_each_is_named(installed: Installed) -> None:
    def leases(**variant: Any) -> list[tuple[list[str], list[str]]]:
        rules = installed(**variant)["aws-prod", "Role", NAME]["rules"]
        return [(one["verbs"], one.get("resourceNames", [])) for one in rules if one["resources"] == ["leases"]]

    assert leases() == [(["create"], []), (["get", "update"], [NAME])]
    two = [f"{NAME}-{NAME}-0", f"{NAME}-{NAME}-1"]
    assert leases(replicas=2) == [(["create"], []), (["get", "update"], two), (["list"], [])]


def test_git_in_a_container_of_its_own_sees_no_token_and_no_kubeconfig(installation: Make) -> None:
    container = git_container(installation(mode="hub"), "clone", ["clone"])
    assert {mount["name"] for mount in container["volumeMounts"]} == {"state", "tmp", "git", "git-config"}
    assert "KUBECONFIG" not in {variable["name"] for variable in container["env"]}


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_no_manifest_holds_a_secret(installed: Installed, variant: dict[str, Any]) -> None:
    assert not [key for key in installed(**variant) if key[1] == "Secret"]


def test_selectors_pick_the_controllers_pods_alone(installed: Installed) -> None:
    found = installed()
    (template,) = pods(found)
    labels = template["metadata"]["labels"]
    for kind in ("PodDisruptionBudget", "PodMonitor", "Deployment"):
        selector = found["aws-prod", kind, NAME]["spec"]["selector"]["matchLabels"]
        assert selector == SELECTOR
        assert selector.items() <= labels.items()


def test_a_cron_job_is_not_asked_and_not_disrupted(installed: Installed) -> None:
    kinds = {kind for _, kind, _ in installed(schedule="0 * * * *")}
    assert not kinds & {"Deployment", "PodDisruptionBudget", "PodMonitor", "Service"}
    assert "CronJob" in kinds


def test_a_cluster_without_prometheus_gets_nothing_for_it(installed: Installed) -> None:
    kinds = {kind for _, kind, _ in installed(monitoring=False)}
    assert not kinds & {"PodMonitor", "PrometheusRule"}


def test_a_service_is_there_for_webhooks_alone(installed: Installed) -> None:
    assert ("aws-prod", "Service", NAME) in installed(webhook=True)
    assert ("aws-prod", "Service", NAME) not in installed()


# Modes


def test_pulled_is_by_a_kubeconfig_that_means_the_pods_own_cluster(installed: Installed) -> None:
    settings = installed()["aws-prod", "ConfigMap", "mlgitops-kubeconfig"]
    config = json.loads(settings["data"]["config"])
    assert config["current-context"] == "prod"
    assert [context["name"] for context in config["contexts"]] == ["prod"]
    assert config["clusters"][0]["cluster"]["server"] == "https://kubernetes.default.svc"
    assert config["users"][0]["user"] == {"tokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token"}


def test_a_target_that_says_in_cluster_needs_no_kubeconfig(installed: Installed) -> None:
    own = Cluster(("here",), {"inCluster": True}, {})
    for mode in ("pull", "hub"):
        found = installed(mode=mode, clusters=(own,))
        (template,) = pods(found)
        assert "kubeconfig" not in {volume["name"] for volume in template["spec"]["volumes"]}


def test_a_hub_comes_to_each_cluster_as_an_account_with_rights_there(installed: Installed, installation: Make) -> None:
    one = installation().clusters[0]
    clusters = (one, replace(one, targets=("gcp-prod",)), Cluster(("own",), {"inCluster": True}, one.rights))
    found = installed(mode="hub", clusters=clusters)
    kinds = {place: sorted(kind for at, kind, _ in found if at == place) for place, _, _ in found}
    assert kinds["aws-prod"] == kinds["gcp-prod"] == ["Namespace", "Role", "RoleBinding", "ServiceAccount"]
    assert (HUB, "Role", f"{NAME}-shop") in found
    (template,) = pods(found)
    (volume,) = [volume for volume in template["spec"]["volumes"] if volume["name"] == "kubeconfig"]
    assert volume["secret"]["secretName"] == "mlgitops-kubeconfig"


def test_whom_a_hub_impersonates_has_the_rights(installed: Installed) -> None:
    acting = Cluster(("aws-prod",), {"impersonate": {"user": "deployer"}}, {"models": []})
    found = installed(mode="hub", clusters=(acting,))
    binding = found["aws-prod", "RoleBinding", f"{NAME}-shop"]
    assert binding["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "deployer"}]
    assert ("aws-prod", "ServiceAccount", NAME) not in found


def test_every_manifest_says_to_which_cluster_it_belongs(installed: Installed) -> None:
    for (place, _, _), manifest in installed(mode="hub").items():
        assert manifest["metadata"]["labels"][CLUSTER] == place


def test_no_manifest_has_a_label_by_which_an_inventory_would_know_it(installed: Installed) -> None:
    own = {f"mlgitops.dev/{name}" for name in ("project", "environment", "target")}
    assert not [key for key, one in installed(mode="hub").items() if own & one["metadata"]["labels"].keys()]


def test_rights_alone_are_what_deploy_lacks(installation: Make) -> None:
    assert [manifest["kind"] for _, manifest in rights(installation())] == ["Role", "RoleBinding"]


# The network


@pytest.mark.parametrize(
    ("repository", "port"),
    [
        ("https://git.example.com/ml/models.git", 443), ("https://git.example.com:8443/x.git", 8443),
        ("git@git.example.com:ml/models.git", 22), ("ssh://git@git.example.com:2222/x.git", 2222),
    ],
)  # fmt: skip
def test_the_git_host_is_reached_at_its_port_alone(installation: Make, repository: str, port: int) -> None:
    assert git_port(installation(repository=repository).url) == port


def test_nothing_else_may_be_reached_or_comes_in(installed: Installed) -> None:
    policy = installed(git_networks=["203.0.113.0/24"], api_networks=["10.0.0.1/32"])
    spec = policy["aws-prod", "NetworkPolicy", NAME]["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    (incoming,) = spec["ingress"]
    assert (incoming["from"], incoming["ports"]) == ([{"namespaceSelector": {}}], [{"protocol": "TCP", "port": 8080}])
    dns, api, git = spec["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert (api["to"], git["to"]) == ([{"ipBlock": {"cidr": "10.0.0.1/32"}}], [{"ipBlock": {"cidr": "203.0.113.0/24"}}])
    assert [port["port"] for port in git["ports"]] == [443]


def test_without_networks_the_addresses_of_a_nodes_credentials_are_left_out(installed: Installed) -> None:
    for rule in installed()["aws-prod", "NetworkPolicy", NAME]["spec"]["egress"][1:]:
        by_family = {block["ipBlock"]["cidr"]: block["ipBlock"]["except"] for block in rule["to"]}
        assert by_family["0.0.0.0/0"] == ["169.254.0.0/16"]
        assert "fe80::/10" in by_family["::/0"]
