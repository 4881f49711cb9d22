"""What looks like a secret, and how it is hidden."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.spec.secrets import MASK, is_secret_key, looks_secret, mask, mask_line_of

TOKENS = [
    "AKIA" + "ABCDEFGH23456789",
    "ghp_" + "a1" * 18,
    "github_pat_" + "a1" * 20,
    "glpat-" + "a1b2" * 5,
    "hf_" + "aB3" * 10,
    "xoxb-" + "123456789012",
    "sk-" + "aB3" * 10,
    "AIza" + "aB3" * 11,
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----",
    "Bearer abcdef0123456789",
    "DefaultEndpointsProtocol=https;AccountKey=abc123==;",
    "https://x.blob.core.windows.net/c?sv=1&sig=abcdef",
    "https://me:hunter2@example.com/",
    "https://token@example.com/",
    "postgres://u:p4ss@db:5432/x",
]


@pytest.mark.parametrize("value", TOKENS)
def test_a_known_form_of_secret_is_seen_under_any_key_and_masked(value: str) -> None:
    assert looks_secret("note", value)
    masked = mask(f"note: '{value}'")
    assert masked.startswith("note: '")
    assert MASK in masked
    assert value not in masked


@pytest.mark.parametrize(
    "key",
    "password dbPassword DB_PASSWORD db-password apiKey API_KEY APIKey aws_secret_access_key secretKey privateKey token"
    " hfToken clientSecret secret connectionString CONNECTION_STRING passphrase credentials".split(),
)
def test_a_literal_under_a_secrets_key_is_seen_and_masked(key: str) -> None:
    assert looks_secret(key, "hunter2")
    assert looks_secret(key, 12345)
    for line in (f"{key}: hunter2", f"  - {key}: 'hun, ter2'", f'x: {{"{key}": "hunter2", a: b}}', f"{key}=hunter2"):
        assert "hun" not in mask(line)
        assert key in mask(line)


@pytest.mark.parametrize(
    "key", "secretName secretKeyRef passwordFile maxTokens tokens tokenizer keys name key monkey".split()
)
def test_a_key_that_only_contains_such_a_word_is_none(key: str) -> None:
    assert not is_secret_key(key)
    assert looks_secret(key, "minio-login") is None
    assert mask(f"{key}: minio-login") == f"{key}: minio-login"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("password", "${DB_PASSWORD}"),
        ("password", "$(DB_PASSWORD)"),
        ("token", "{{ .Values.token }}"),
        ("padToken", "<pad>"),
        ("password", "vault:kv/data/db#password"),
        ("secret", "minio-login"),
        ("imagePullSecret", "registry-login"),
        ("password", ""),
        ("password", None),
        ("token", True),
        ("secret", {"name": "x"}),
        ("credentials", ["x"]),
        ("uri", "ssh://git@example.com/x"),
        ("uri", "s3://bucket/key@v1"),
        ("email", "ml@example.com"),
        ("library", "sk-learn-something-rather-long"),
    ],
)
def test_references_and_ordinary_values_are_no_secrets(key: str, value: Any) -> None:
    assert looks_secret(key, value) is None


def test_the_reason_never_holds_the_value() -> None:
    for value in (*TOKENS, "hunter2"):
        assert value not in (looks_secret("password", value) or "")


def test_text_before_a_secret_keeps_its_column() -> None:
    assert mask("uri: https://me:hunter2@example.com/x") == "uri: https://***@example.com/x"


KEY_BLOCK = [
    "data:",
    "  note: |",
    "    -----BEGIN PRIVATE KEY-----",
    "    MIIEvQ",
    "    -----END PRIVATE KEY-----",
    "  a: b",
]


@pytest.mark.parametrize(
    ("lines", "index", "shown"),
    [
        (KEY_BLOCK, 3, "    ***"),
        (KEY_BLOCK, 5, "  a: b"),
        (["password: |", "  hunter2"], 1, "  ***"),
        (["password: >-", "  one", "    two"], 2, "    ***"),
        (["password:", "  hunter2"], 1, "  ***"),
        (['password: "one', '  two"'], 1, "  ***"),
        (["a:", "  token: |", "    x", "", "    y: z"], 4, "    y: ***"),
        (["secret:", "  name: minio"], 1, "  name: minio"),
        (["tokens:", "  - one"], 1, "  - one"),
        (["- name: DB_PASSWORD", "  value: hunter2"], 1, "  value: ***"),
        (["- value: hunter2", "  name: DB_PASSWORD"], 0, "- value: ***"),
        (["- name: LEVEL", "  value: info"], 1, "  value: info"),
        (["env: [{name: DB_PASSWORD, value: hunter2}]"], 0, "env: [{name: DB_PASSWORD, value: ***"),
        (["env: [{value: hunter2, name: DB_PASSWORD}]"], 0, "env: [{value: ***"),
        (["env: [{'name': 'DB_PASSWORD',", "  \"value\": 'hunter2'}]"], 1, '  "value": ***'),
        (["env: [{name: DB_PASSWORD,", "  # a comment", "  value: hunter2}]"], 2, "  value: ***"),
        (["- name: DB_PASSWORD", "  # a comment", "", "  value: hunter2"], 3, "  value: ***"),
        (["- name: TOKEN", "  fromSecret: x", "- name: LEVEL", "  value: info"], 3, "  value: info"),
        (["env: [{name: LEVEL, value: info}]"], 0, "env: [{name: LEVEL, value: info}]"),
        (["password: x", "other: y"], 1, "other: y"),
    ],
)
def test_a_line_is_judged_by_the_lines_around_it(lines: list[str], index: int, shown: str) -> None:
    assert mask_line_of(lines, index) == shown


@given(st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=40), min_size=1, max_size=4))
def test_any_line_can_be_masked(lines: list[str]) -> None:
    for index in range(len(lines)):
        assert isinstance(mask_line_of(lines, index), str)
