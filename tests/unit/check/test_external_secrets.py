from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check.external_secrets import check, check_environment

STORE = {"secretStore": {"name": "vault", "kind": "SecretStore"}, "components": {"externalSecrets": "0.16.2"}}


def variable(name: str, key: str, /, **external: str) -> dict[str, Any]:
    return {"name": name, "fromSecret": {"secret": "hub", "key": key, "external": external}}


FROM = "spec.serving.env.0.fromSecret"


@pytest.mark.parametrize(
    ("target", "variables", "expected"),
    [
        (STORE, [], []),
        ({}, [{"name": "A", "fromSecret": {"secret": "hub", "key": "token"}}], []),
        (STORE, [variable("A", "token", key="ml/hub")], []),
        (
            {},
            [variable("A", "token", key="ml/hub")],
            [("component-missing", FROM), ("secret-store-missing", FROM)],
        ),
        (
            {**STORE, "components": {"externalSecrets": "0.4.4"}},
            [variable("A", "token", key="ml/hub")],
            [("component-too-old", FROM)],
        ),
        (STORE, [variable("A", "my token", key="ml/hub")], [("secret-key-invalid", f"{FROM}.key")]),
        (
            STORE,
            [variable("A", "token", key="ml/hub"), variable("B", "token", key="ml/other")],
            [("external-secret-differs", "spec.serving.env.1.fromSecret.external")],
        ),
        (STORE, [variable("A", "token", key="ml/hub"), variable("B", "token", key="ml/hub")], []),
    ],
)
def test_a_secret_from_outside_has_a_store_and_one_place_for_each_key(
    resolved_model: Any, target: Any, variables: Any, expected: list[tuple[str, str]]
) -> None:
    found = check(resolved_model(target=target, serving={"env": variables}))

    assert [(finding.code, finding.pointer) for finding in found] == expected


HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: Model\nmetadata:\n  name: {name}\nspec:\n"
MODEL = HEAD + (
    "  release:\n    version: '1'\n    artifact:\n      uri: s3://models/iris\n"
    "  serving:\n    env:\n      - name: A\n        fromSecret: {{secret: {secret}, key: token{external}}}\n"
)
EXTERNAL = ", external: {key: ml/hub}"


@pytest.mark.parametrize(("secrets", "number"), [(("hub", "hub"), 1), (("hub", "other"), 0), (("hub", ""), 0)])
def test_a_secret_is_made_for_one_model_and_others_only_name_it(
    read: Any, secrets: tuple[str, str], number: int
) -> None:
    files = {
        f"environments/dev/models/{name}.yaml": MODEL.format(
            name=name, secret=secret or "hub", external=EXTERNAL if secret else ""
        )
        for name, secret in zip(("iris", "rose"), secrets, strict=True)
    }

    found = [(one.code, one.location.path) for one in check_environment(read(files).resolution)]

    assert found == [("external-secret-shared", "environments/dev/models/rose.yaml")] * number
