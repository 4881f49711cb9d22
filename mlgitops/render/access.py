"""What a workflow's pods may do in the cluster: their account, and a Role with the least rights. Pure."""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import SOURCES as ACCOUNT_SOURCES
from mlgitops.spec.resolved import Resolved

Rule = dict[str, list[str]]


def sources(pointer: str) -> dict[str, dict[str, str]]:
    """The ``SOURCES`` of account and rights, which ``pointer`` is the reason for."""
    binding = {"roleRef": pointer, "subjects": pointer}
    return {**ACCOUNT_SOURCES, "Role": {"rules": pointer}, "RoleBinding": binding}


REPORT_RESULTS: Rule = {
    "apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"],
}  # fmt: skip
"""What Argo's executor needs in every pod since Argo 3.4 (its documentation, "Workflow RBAC")."""


def grant(resolved: Resolved, account: Manifest, *rules: Rule) -> list[Manifest]:
    """A Role of the account's name and its binding to the account."""
    name = account["metadata"]["name"]
    role: Manifest = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": object_metadata(resolved, name, component="access"),
        "rules": [dict(rule) for rule in rules],
    }
    return [role, _binding(resolved, name)]


def _binding(resolved: Resolved, name: str) -> Manifest:
    subject: dict[str, Any] = {"kind": "ServiceAccount", "name": name, "namespace": resolved.place.namespace}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": object_metadata(resolved, name, component="access"),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [subject],
    }
