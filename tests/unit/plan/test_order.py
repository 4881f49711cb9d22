from __future__ import annotations

import pytest

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action, Change, Impact
from mlgitops.plan.order import in_apply_order, waits_for


def change(kind: str, action: Action = Action.CREATE, owner: str = "Model/a", name: str = "x", **more: str) -> Change:
    identity = Identity(more.get("group", ""), kind, more.get("namespace", "ml"), name)
    return Change(identity, action, owner, Impact.NONE)


def test_writes_come_in_order_of_dependency_and_deletes_in_reverse() -> None:
    kinds = ["PodMonitor", "InferenceService", "WorkflowTemplate", "Secret", "ServiceAccount", "Namespace"]
    changes = [change(kind, action) for kind in kinds for action in (Action.CREATE, Action.DELETE, Action.UNCHANGED)]
    ordered = [(c.action, c.identity.kind) for c in in_apply_order(changes)]
    assert ordered == [(Action.CREATE, kind) for kind in reversed(kinds)] + [(Action.DELETE, kind) for kind in kinds]


def test_a_consumer_is_scaled_once_it_is_there_and_no_longer_scaled_before_it_goes() -> None:
    kinds = ["ScaledObject", "Deployment", "TriggerAuthentication"]
    changes = [change(kind, action) for kind in kinds for action in (Action.CREATE, Action.DELETE)]
    ordered = [(c.action, c.identity.kind) for c in in_apply_order(changes)]
    assert ordered == [(Action.CREATE, kind) for kind in reversed(kinds)] + [(Action.DELETE, kind) for kind in kinds]


@pytest.mark.parametrize(
    ("later", "earlier", "waits"),
    [
        (change("InferenceService"), change("ServiceAccount"), True),
        (change("InferenceService"), change("ServiceAccount", owner="Model/b"), False),
        (change("InferenceService"), change("InferenceService", name="y"), False),
        (change("InferenceService"), change("Namespace", owner="", name="ml", namespace=""), True),
        (change("InferenceService"), change("Namespace", owner="", name="other", namespace=""), False),
        (change("Fruit", group="f.io"), change("CustomResourceDefinition", owner="", name="fruits.f.io"), True),
        (change("ConfigMap", Action.DELETE), change("ConfigMap", name="y"), True),
        (change("ConfigMap", Action.DELETE), change("ConfigMap", Action.DELETE, name="y"), False),
        (change("Namespace", Action.DELETE, "", "ml", namespace=""), change("ConfigMap", Action.DELETE), True),
    ],
)
def test_only_what_depends_on_an_object_waits_for_it(later: Change, earlier: Change, waits: bool) -> None:
    assert waits_for(later, earlier) is waits
