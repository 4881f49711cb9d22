"""A controller that runs for ever, while one of its clusters falls silent, credentials end and clocks are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.integration.kubernetes.faults.test_clocks import HOUR, SLACK, held_lease, renewing
from tests.integration.kubernetes.faults.test_expired_token import EVERYTHING
from tests.testbed.control_plane import CONTEXT
from tests.testbed.fleet import Fleet
from tests.testbed.proxy import Exchange, relay
from tests.testbed.scene import Scene
from tests.testbed.soak.clusters import serving
from tests.testbed.soak.watched import Watched
from tests.testbed.together import Together
from tests.testbed.waiting import wait_until

pytestmark = pytest.mark.slow
together = Together()

TARGETS = 4
*HEALTHY, LAST = (f"dev/target-{number}" for number in range(TARGETS))
GOOD = {"applied", "in-sync"}
LEADER = "mlgitops-controller"
"""mlgitops.controller.stores.NAME."""
LEASE_SECONDS = 15.0
SECONDS = 90.0
REFUSED = "does not accept the credentials"
"""mlgitops.targets.kubernetes.lease.DURATION."""
LEADS = "this replica leads"


def reconciled(scene: Scene) -> None:
    """The controller looks often, and does not wait for long."""
    path = scene.root / "environments/dev/environment.yaml"
    block = {"resync": "3s", "timeout": "20s", "deadline": "20s"}
    path.write_text(f"{path.read_text()}  reconcile: {json.dumps(block)}\n")


@contextmanager
def watched(scene: Scene, *more: str) -> Iterator[Watched]:
    arguments = ["--repository", str(scene.root), "--state", f"{scene.root}-state", "--interval", "1s", *more]
    said = scene.root.with_name(f"{scene.root.name}-said")
    with Watched.running(arguments, scene.root, scene.variables(), said) as controller:
        yield controller


@contextmanager
def looked_after(scene: Scene, account: str = "") -> Iterator[tuple[Fleet, Watched]]:
    """Four targets that are well, each with one model; the last one is reached by an account of its own."""
    with Fleet.of(scene, TARGETS) as fleet, serving(scene.plane.api, set(fleet.namespaces.values())):
        reconciled(scene)
        committed(scene, "iris")
        if account:
            use_account(fleet, account)
        with watched(scene) as controller:
            await_well(controller, fleet, "iris")
            yield fleet, controller


def committed(scene: Scene, *models: str) -> None:
    scene.models(*models)
    scene.commit()


def await_well(controller: Watched, fleet: Fleet, *models: str) -> None:
    """All targets have these models, and are well."""
    there = {name: set(models) for name in fleet.names}
    controller.until(lambda: fleet.models() == there, f"{models} to be everywhere")
    controller.until(lambda: all(word in GOOD for word in controller.words().values()), "everything to be well")


def await_others_well(controller: Watched, fleet: Fleet, *models: str) -> None:
    """All targets but the last one have these models, and are well; the last one is named."""

    def is_well() -> bool:
        words, there = controller.words(), fleet.models()
        return all(words[name] in GOOD and there[name.partition("/")[2]] == set(models) for name in HEALTHY)

    controller.until(is_well, "the others to be well")
    controller.until(lambda: controller.words()[LAST] in ("failed", "unreachable"), "the last one to be named")


@together
def test_a_target_that_falls_silent_is_named_holds_nobody_and_is_well_again_once_it_answers(scene: Scene) -> None:
    def silence(exchange: Exchange) -> None:
        exchange.blackhole(10.0)

    with looked_after(scene) as (fleet, controller):
        proxy = fleet.proxies[fleet.names[-1]]
        proxy.rule = lambda request: silence
        committed(scene, "iris", "rose")
        await_others_well(controller, fleet, "iris", "rose")
        said = controller.reason(LAST)
        assert "it took longer than 20s, and is left behind" in said or "cannot be reached" in said
        proxy.rule = lambda request: relay
        await_well(controller, fleet, "iris", "rose")


@together
def test_credentials_that_end_are_told_of_and_those_that_replace_them_taken_up_each_time(scene: Scene) -> None:
    with looked_after(scene, f"first-{scene.namespace}") as (fleet, controller):
        for number, models in enumerate((("iris", "rose"), ("iris", "tulip"))):
            end_accounts(scene)
            committed(scene, *models)
            await_others_well(controller, fleet, *models)
            wait_until(lambda: REFUSED in controller.reason(LAST), "credentials to be refused", SECONDS)
            use_account(fleet, f"fresh-{number}-{scene.namespace}")
            await_well(controller, fleet, *models)


def use_account(fleet: Fleet, name: str) -> None:
    """The last target is reached with the token of a new account from now on."""
    token = token_of(fleet.scene, name)
    content = json.loads(fleet.scene.kubeconfig.read_text())
    user = next(one for one in content["users"] if one["name"] == fleet.names[-1])
    user["user"]["token"] = token
    fleet.scene.kubeconfig.write_text(json.dumps(content))


def token_of(scene: Scene, name: str) -> str:
    kubeconfig = scene.plane.add_account(name, EVERYTHING)
    content = json.loads(kubeconfig.read_text())
    assert content["current-context"] == CONTEXT
    return str(content["users"][0]["user"]["token"])


def end_accounts(scene: Scene) -> None:
    """The API server takes tokens of the scene's accounts no more, once it notices."""
    path = "/api/v1/namespaces/default/serviceaccounts"
    for account in scene.plane.api.get(path)["items"]:
        if account["metadata"]["name"].endswith(scene.namespace):
            scene.plane.api.request("DELETE", f"{path}/{account['metadata']['name']}")


@together
def test_a_commit_that_only_removes_something_is_applied_and_nobody_is_asked(scene: Scene) -> None:
    with looked_after(scene) as (fleet, controller):
        committed(scene, "iris", "rose", "tulip")
        await_well(controller, fleet, "iris", "rose", "tulip")
        controller.until(lambda: set(controller.words().values()) == {"in-sync"}, "it to look at what it did")
        committed(scene, "iris", "rose")
        await_well(controller, fleet, "iris", "rose")
        assert controller.messages()["refused"] == 0


def assert_a_leader_counts_until_it_is_silent(scene: Scene, off: timedelta) -> None:
    """Whatever its clock says."""
    scene.objects({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "data"}})
    scene.commit()
    scene.plane.api.create(held_lease(scene, off, LEADER))
    with watched(scene, "--leader-election", scene.namespace) as controller:
        with renewing(scene, off, LEADER), pytest.raises(AssertionError, match="in vain for it to lead"):
            controller.until(lambda: controller.messages()[LEADS], "it to lead", 2 * LEASE_SECONDS)
        controller.until(lambda: controller.messages()[LEADS], "it to lead", LEASE_SECONDS + SLACK)
        controller.until(lambda: "configmaps/data" in scene.names(), "it to apply")


@together
def test_a_leader_whose_clock_is_an_hour_behind_leads_until_it_is_silent(scene: Scene) -> None:
    assert_a_leader_counts_until_it_is_silent(scene, -HOUR)


@together
def test_a_leader_whose_clock_is_an_hour_ahead_leads_until_it_is_silent(scene: Scene) -> None:
    assert_a_leader_counts_until_it_is_silent(scene, HOUR)
