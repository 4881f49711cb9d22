from __future__ import annotations

import textwrap
from typing import Any

import pytest

from mlgitops.errors import FindingsError
from mlgitops.promotion.exposure import begun, ended
from mlgitops.spec.document import load

PATH = "environments/prod/models/iris.yaml"
HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: Model\nmetadata:\n  name: iris\nspec:\n"
RELEASE = '  release: # the new one\n    version: "1.10"\n    artifact: {uri: s3://a/2}\n'
OLD: dict[str, Any] = {"version": "1.9", "artifact": {"uri": "s3://a/1"}}


def file(rollout: str = "") -> bytes:
    return (HEAD + RELEASE + textwrap.indent(textwrap.dedent(rollout), "  ")).encode()


def rollout_of(content: bytes) -> Any:
    return load(PATH, content).data["spec"].get("rollout")


def test_the_release_that_ran_stays_as_the_stable_one_and_nothing_else_moves() -> None:
    made = begun(PATH, file("rollout:\n  strategy: canary # slowly\n"), OLD, "1.10")
    assert rollout_of(made) == {"strategy": "canary", "stable": OLD}
    assert RELEASE.encode() in made
    assert b"  strategy: canary # slowly\n" in made
    assert b'      version: "1.9"\n' in made


def test_a_strategy_of_the_base_model_gets_a_block_of_its_own_here() -> None:
    assert rollout_of(begun(PATH, file(), OLD, "1.10")) == {"stable": OLD}


@pytest.mark.parametrize("block", ["canary:\n    weight: 50\n", "blueGreen:\n    active: stable\n"])
def test_a_new_release_never_takes_over_how_far_the_one_before_had_come(block: str) -> None:
    text = f'rollout:\n  strategy: canary\n  {block}  stable:\n    version: "1.8"\n    artifact: {{uri: s3://a/0}}\n'
    made = begun(PATH, file(text), OLD, "1.10")
    assert rollout_of(made) == {"strategy": "canary", "stable": {"version": "1.8", "artifact": {"uri": "s3://a/0"}}}


@pytest.mark.parametrize("block", ["canary:\n    weight: 100\n", "blueGreen:\n    active: new\n"])
def test_a_release_that_answered_everything_stays_as_the_stable_one(block: str) -> None:
    text = f'rollout:\n  strategy: canary\n  {block}  stable:\n    version: "1.8"\n    artifact: {{uri: s3://a/0}}\n'
    assert rollout_of(begun(PATH, file(text), OLD, "1.10")) == {"strategy": "canary", "stable": OLD}
    assert rollout_of(begun(PATH, file(text), OLD, "1.8")) == {"strategy": "canary", "stable": OLD}


def test_the_share_of_copies_is_a_setting_and_stays() -> None:
    made = begun(PATH, file("rollout:\n  strategy: shadow\n  shadow:\n    percent: 5\n"), OLD, "1.10")
    assert rollout_of(made) == {"strategy": "shadow", "shadow": {"percent": 5}, "stable": OLD}


def test_where_the_stable_release_comes_back_the_rollout_ends() -> None:
    text = 'rollout:\n  strategy: canary\n  stable:\n    version: "1.10"\n    artifact: {uri: s3://a/0}\n'
    assert rollout_of(begun(PATH, file(text), OLD, "1.10")) == {"strategy": "canary"}


def test_the_end_leaves_no_empty_block_that_would_hide_the_base_model_s() -> None:
    text = 'rollout:\n  canary:\n    weight: 5\n  stable:\n    version: "1.8"\n    artifact: {uri: s3://a/0}\n'
    assert ended(PATH, file(text)) == file()


@pytest.mark.parametrize("text", ["", "rollout: {}\n", "rollout: {maxSurge: 2}\n", "rollout:\n  strategy: canary\n"])
def test_where_no_rollout_is_under_way_no_byte_changes(text: str) -> None:
    assert ended(PATH, file(text)) == file(text)


def test_a_rollout_in_braces_is_refused_and_told() -> None:
    with pytest.raises(FindingsError) as caught:
        begun(PATH, file("rollout: {strategy: canary}\n"), OLD, "1.10")
    (finding,) = caught.value.findings
    assert (finding.code, finding.pointer) == ("splice-refused", "spec.rollout")
