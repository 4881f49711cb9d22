from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check.residency import POLICY_CODES, check
from mlgitops.finding import Severity

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n"
RULE = "    residency:\n      confidential: {jurisdictions: [eu, ch], reason: our contracts}\n"
PUBLIC = "    residency:\n      public: {clouds: [aws]}\n"


def project(policy: str = "", locations: str = "[]") -> dict[str, str]:
    policies = f"  policy:\n{policy}" if policy else ""
    text = HEAD.format(kind="Project", name="shop") + "  environments: [dev]\n" + policies
    return {"mlgitops.yaml": text + f"  locations: {locations}\n"}


def target(extra: str) -> dict[str, str]:
    text = (
        HEAD.format(kind="Target", name="aws-dev") + "  cloud: aws\n  region: eu-central-1\n  connection: {git: {}}\n"
    )
    return {"targets/aws-dev.yaml": text + extra}


def environment(policy: str = "") -> dict[str, str]:
    text = HEAD.format(kind="Environment", name="dev") + "  targets: [aws-dev]\n"
    return {"environments/dev/environment.yaml": text + (f"  policy:\n{policy}" if policy else "")}


def model(uri: str = "s3://models/iris", data: str = "confidential", extra: str = "") -> dict[str, str]:
    text = HEAD.format(kind="Model", name="iris")
    text += f"  release:\n    version: '1'\n    artifact:\n      uri: {uri}\n"
    governance = f"  governance:\n    dataClassification: {data}\n" if data else ""
    return {"environments/dev/models/iris.yaml": text + governance + extra}


def found(read: Any, *files: dict[str, str]) -> list[tuple[str, str]]:
    whole = {name: text for one in files for name, text in one.items()}
    made = read(whole)
    return [(one.code, one.pointer) for one in check(made.resolution, made.documents)]


CLASS, URI = "spec.governance.dataClassification", "spec.release.artifact.uri"
EU, US = "  jurisdiction: eu\n", "  jurisdiction: us\n"
BUCKET_EU = "[{prefix: s3://models, jurisdiction: eu}]"
BUCKET_US = "[{prefix: s3://models, jurisdiction: us}]"


@pytest.mark.parametrize(
    ("where", "bucket", "expected"),
    [
        (EU, BUCKET_EU, []),
        (US, BUCKET_EU, [("residency-violated", CLASS)]),
        (EU, BUCKET_US, [("residency-violated", URI)]),
        ("", BUCKET_EU, [("residency-unknown", CLASS)]),
        (EU, "[]", [("residency-unknown", URI)]),
    ],
)
def test_a_target_and_an_artifact_are_where_the_class_of_the_data_allows(
    read: Any, where: str, bucket: str, expected: list[tuple[str, str]]
) -> None:
    assert found(read, project(RULE, bucket), target(where), environment(), model()) == expected


def test_a_violation_says_where_the_policy_is_and_why(read: Any) -> None:
    files = {**project(RULE, BUCKET_EU), **target(US), **environment(), **model()}
    made = read(files)

    (finding,) = check(made.resolution, made.documents)

    assert finding.severity is Severity.ERROR
    assert finding.location.path == "environments/dev/models/iris.yaml"
    assert finding.location.line == 11
    assert finding.message == (
        "confidential data of iris may not be at target aws-dev: jurisdiction us is none of eu, ch "
        "(mlgitops.yaml:9:7: our contracts)"
    )
    assert finding.code not in POLICY_CODES


def test_an_environment_narrows_what_the_project_allows_and_never_widens_it(read: Any) -> None:
    swiss = "    residency:\n      confidential: {jurisdictions: [ch]}\n"
    american = "    residency:\n      confidential: {jurisdictions: [us]}\n"
    shared = (project(RULE, "[{prefix: s3://models, jurisdiction: ch}]"), model())

    assert found(read, *shared, target(EU), environment(swiss)) == [("residency-violated", CLASS)]
    assert ("residency-violated", CLASS) in found(read, *shared, target(US), environment(american))


def test_data_of_another_class_is_free(read: Any) -> None:
    assert found(read, project(RULE), target(US), environment(), model(data="internal")) == []


def test_a_model_without_a_class_is_a_warning_where_there_are_rules(read: Any) -> None:
    unclassified = (target(US), environment(), model(data=""))

    assert found(read, project(RULE), *unclassified) == [("data-class-missing", CLASS)]
    assert found(read, project(), *unclassified) == []


def test_a_copy_that_is_read_counts_and_not_its_original(read: Any) -> None:
    mirror = EU + "  mirrors: {gs://far: s3://models/far}\n"
    files = (project(RULE, BUCKET_EU), environment(), model("gs://far/iris"))

    assert found(read, *files, target(mirror)) == []
    assert found(read, *files, target(EU)) == [("artifact-far", URI), ("residency-unknown", URI)]


def test_scores_may_not_be_written_elsewhere_either(read: Any) -> None:
    serving = (
        "  serving:\n    mode: batch\n    batch: {command: [score], input: s3://models/in, output: gs://scores/out}\n"
    )
    files = (project(PUBLIC), target(""), environment(), model(data="public", extra=serving))

    assert found(read, *files) == [("residency-violated", "spec.serving.batch.output")]


def test_a_pipeline_holds_the_data_of_the_model_that_it_trains(read: Any) -> None:
    pipeline = HEAD.format(kind="Pipeline", name="train") + "  model: iris\n"
    pipeline += "  training: {image: example.com/a:1, dataset: gs://americans/data}\n"
    files = {"environments/dev/pipelines/train.yaml": pipeline}
    bucket = "[{prefix: gs://americans, jurisdiction: us}, {prefix: s3://models, jurisdiction: eu}]"

    assert found(read, project(RULE, bucket), target(EU), environment(), model(), files) == [
        ("artifact-far", "spec.training.dataset"),
        ("residency-violated", "spec.training.dataset"),
    ]


def test_the_release_that_a_rollout_keeps_is_held_to_it_too(read: Any) -> None:
    kept = "{version: '0', artifact: {uri: s3://elsewhere/iris}}"
    files = model(extra=f"  rollout: {{strategy: canary, stable: {kept}}}\n")
    bucket = "[{prefix: s3://models, jurisdiction: eu}, {prefix: s3://elsewhere, jurisdiction: us}]"

    assert found(read, project(RULE, bucket), target(EU), environment(), files) == [
        ("residency-violated", "spec.rollout.stable.artifact.uri")
    ]


def test_what_a_step_reads_is_held_to_it_too(read: Any) -> None:
    pipeline = HEAD.format(kind="Pipeline", name="train") + "  model: iris\n  steps:\n"
    pipeline += "    - name: read\n      image: example.com/a:1\n      artifacts:\n        inputs:\n"
    pipeline += "          - {name: data, path: /data, uri: s3://elsewhere/data}\n"
    files = {"environments/dev/pipelines/train.yaml": pipeline}
    bucket = "[{prefix: s3://models, jurisdiction: eu}, {prefix: s3://elsewhere, jurisdiction: us}]"

    assert found(read, project(RULE, bucket), target(EU), environment(), model(), files) == [
        ("residency-violated", "spec.steps.0.artifacts.inputs.0.uri")
    ]


def test_a_retired_model_is_nowhere(read: Any) -> None:
    retired = model(extra="  lifecycle: {stage: retired}\n")

    assert found(read, project(RULE), target(US), environment(), retired) == []
