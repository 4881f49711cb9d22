"""What the kinds themselves refuse: values of which each has the right form, and which do not go together."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mlgitops.spec.document import load
from mlgitops.spec.environment import Environment
from mlgitops.spec.project import Project
from mlgitops.spec.target import Target
from mlgitops.spec.validation import validate

BLOCKS: dict[type, dict[str, Any]] = {
    Project: {"environments": ["dev"]},
    Environment: {"targets": ["here"]},
    Target: {"cloud": "onprem", "connection": {"directory": {"path": "clusters/here"}}},
}


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        (Environment, {"ignore": [{"kind": "Deployment"}]}, "ignores nothing"),
        (Environment, {"promotion": {"gates": [{"name": "ours"}]}}, "either uses or an expression"),
        (Environment, {"promotion": {"gates": [{"expression": "true"}]}}, "a gate with an expression has a name"),
        (
            Environment,
            {"promotion": {"gates": [{"uses": "model-card", "message": "no"}]}},
            "a gate with uses has a message of its own",
        ),
        (Environment, {"promotion": {"freezes": [{"reason": "holidays"}]}}, "either from and until"),
        (Project, {"forge": {"kind": "local"}}, "kind local takes a url"),
        (Project, {"policy": {"residency": {"confidential": {}}}}, "give jurisdictions, clouds or regions"),
        (Target, {"connection": {"kubernetes": {"inCluster": True, "context": "x"}}}, "inCluster leaves no choice"),
        (Target, {"connection": {}}, "give exactly one of directory, kubernetes and git, not none"),
        (Target, {"connection": {"directory": {"path": ".git"}}}, "not a directory of its own"),
        (Target, {"quota": {}}, "give cpu, memory or accelerators"),
        (Target, {"workloadIdentity": "associated"}, "for aws and gcp, not onprem"),
    ],
)
def test_values_that_do_not_go_together_are_refused_with_a_way_out(kind: Any, spec: Any, told: str) -> None:
    whole = {
        "apiVersion": "mlgitops.dev/v1alpha1", "kind": kind.__name__, "metadata": {"name": "here"},
        "spec": {**BLOCKS[kind], **spec},
    }  # fmt: skip
    document = load("here.yaml", yaml.safe_dump(whole, sort_keys=False).encode())
    findings = validate(kind, document.data, document.written)[1]
    assert [(one.code, told in one.message) for one in findings] == [("invalid-value", True)], findings
