from __future__ import annotations

import pytest

from mlgitops.check.secrets import check
from mlgitops.spec.document import load


def found(text: str) -> list[tuple[str, str]]:
    return [(one.pointer, str(one.location)) for one in check(load("models/a.yaml", text.encode()))]


@pytest.mark.parametrize(
    ("text", "pointer", "place"),
    [
        ("spec:\n  password: hunter2-hunter2\n", "spec.password", "2:13"),
        ("spec:\n  env:\n  - name: DB_PASSWORD\n    value: hunter2\n", "spec.env.0.value", "4:12"),
        ("spec:\n  env: [{value: hunter2, name: API_TOKEN}]\n", "spec.env.0.value", "2:17"),
        ("spec:\n  args: [--key, AKIAIOSFODNN7EXAMPLE]\n", "spec.args.1", "2:17"),
        ("spec:\n  uri: https://me:hunter2@example.com/x\n", "spec.uri", "2:8"),
        ("spec:\n  tokens: [a]\n  token: [x-y-z-1]\n", "spec.token.0", "3:11"),
        ("spec:\n  login: {secret: hunter2, key: token}\n", "spec.login.secret", "2:19"),
        ("spec:\n  parameters: {key: A1, secret: abcdef, bucket: b}\n", "spec.parameters.secret", "2:33"),
    ],
)
def test_a_literal_secret_is_found_wherever_it_stands(text: str, pointer: str, place: str) -> None:
    assert found(text) == [(pointer, f"models/a.yaml:{place}")]


@pytest.mark.parametrize(
    "text",
    [
        "spec:\n  env:\n  - name: DB_PASSWORD\n    fromSecret: {secret: db-login, key: password}\n",
        "spec:\n  env:\n  - name: LEVEL\n    value: info\n",
        "spec:\n  maxTokens: 5\n  secret: minio-login\n",
        "spec:\n  credentials: {secret: forge, key: login}\n",
        "spec:\n  env:\n  - name: DB_PASSWORD\n    fromSecret: {secret: db, key: password}\n",
        "spec:\n  password: ${DB_PASSWORD}\n",
        "spec:\n  env:\n  - name: TOKEN\n    value: ''\n",
    ],
)
def test_a_reference_or_an_ordinary_value_is_not(text: str) -> None:
    assert found(text) == []


def test_the_finding_never_holds_the_secret() -> None:
    text = "spec:\n  env: [{name: DB_PASSWORD, value: hunter2-hunter2}]\n  password: |\n    hunter2-hunter2\n"
    findings = list(check(load("models/a.yaml", text.encode())))
    assert len(findings) == 2
    assert "hunter2" not in repr(findings)
