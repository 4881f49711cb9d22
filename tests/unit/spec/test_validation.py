from __future__ import annotations

from typing import Any

import pytest

from mlgitops.finding import Finding
from mlgitops.spec.document import load
from mlgitops.spec.environment import Environment
from mlgitops.spec.model import Model, ModelSpec
from mlgitops.spec.pipeline import Pipeline, PipelineSpec
from mlgitops.spec.project import Project
from mlgitops.spec.target import Target, TargetSpec
from mlgitops.spec.validation import block_at, field_at, literals, validate

TARGET = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Target
metadata:
  name: here
spec:
  cloud: aws
  connection:
    directory:
      path: clusters/here
"""


def findings(text: str, kind: Any = Target) -> list[Finding]:
    document = load("targets/here.yaml", text.encode())
    return validate(kind, document.data, document.written)[1]


def only(text: str, kind: Any = Target) -> Finding:
    (finding,) = findings(text, kind)
    return finding


def test_data_that_fits_becomes_an_instance() -> None:
    document = load("targets/here.yaml", TARGET.encode())
    value, found = validate(Target, document.data, document.written)
    assert (found, value.spec.cloud if value else None) == ([], "aws")


@pytest.mark.parametrize(
    ("old", "new", "code", "message", "help", "place"),
    [
        ("  cloud: aws\n", "", "missing-field", "spec.cloud is missing", "The cloud: aws (EKS)", "5:1"),
        ("cloud:", "clod:", "unknown-field", "there is no field 'clod' in spec", "fields here: accelerators", "6:3"),
        ("aws", "awz", "unknown-value", "spec.cloud cannot be 'awz'", "one of: aws, gcp, azure, onprem", "6:10"),
        ("aws", "5", "unknown-value", "spec.cloud cannot be '5'", "one of: aws", "6:10"),
        ("aws", "[aws]", "unknown-value", "spec.cloud cannot be", "one of: aws", "6:10"),
        ("name: here", "name: He", "invalid-format", "metadata.name: 'He' does not have the right", "1 to 52", "4:9"),
        ("path: clusters/here", "path: 1", "wrong-type", "path is text, but 1 is read as a number", '"1"', "9:13"),
        (
            "path: clusters/here", "path: 1.10", "wrong-type", "path is text, but 1.10 is read as a number",
            'quote it: "1.10"', "9:13",
        ),
        ("path: clusters/here", "path: true", "wrong-type", "true is read as a boolean", '"true"', "9:13"),
        ("path: clusters/here", "path: null", "wrong-type", "a null was given", "", "9:13"),
        ("path: clusters/here", "path: [a]", "wrong-type", "a list was given", "", "9:13"),
        ("path: clusters/here", "path: models", "invalid-value", "not a directory of its own", "The directory", "9:13"),
        ("  cloud", "  registries: {a: 1}\n  cloud", "wrong-type", "spec.registries.a is text, but 1", '"1"', "6:19"),
        ("  cloud", "  storage: {A b: s3://x}\n  cloud", "invalid-format", "'A b'", "", "6:13"),
        (
            "  cloud", "  accelerators: {t4: {maxPerNode: 99}}\n  cloud", "out-of-range",
            "maxPerNode: it has to be 64 or less, not 99", "1 to 64", "6:35",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words_with_a_way_out(
    old: str, new: str, code: str, message: str, help: str, place: str
) -> None:
    finding = only(TARGET.replace(old, new)) if code != "unknown-field" else findings(TARGET.replace(old, new))[-1]
    if code == "unknown-field":
        assert finding.suggestion == "cloud"
    assert (finding.code, str(finding.location)) == (code, f"targets/here.yaml:{place}")
    assert message in finding.message
    assert help in finding.help


def test_all_mistakes_are_found_at_once() -> None:
    text = TARGET.replace("cloud: aws", "cloud: awz\n  regoin: x\n  namespace: 1")
    assert [one.code for one in findings(text)] == ["unknown-value", "wrong-type", "unknown-field"]


def test_a_part_may_leave_out_what_is_required_and_its_pointers_have_the_prefix() -> None:
    document = load("models/a.yaml", b"spec:\n  release: {version: 1.0}\n  servng: {}\n")
    _, found = validate(ModelSpec, document.data["spec"], document.written, partial=True, prefix=("spec",))
    assert [(one.code, one.pointer, str(one.location)) for one in found] == [
        ("wrong-type", "spec.release.version", "models/a.yaml:2:22"),
        ("unknown-field", "spec.servng", "models/a.yaml:3:3"),
    ]


def test_a_part_that_is_whole_but_for_what_is_required_has_no_findings() -> None:
    document = load("models/a.yaml", b"spec:\n  serving: {}\n")
    assert validate(ModelSpec, document.data["spec"], document.written, partial=True) == (None, [])


def test_no_secret_is_in_a_message() -> None:
    text = TARGET.replace("  cloud", "  identities: {a: {principal: hunter2, password: hunter2-hunter2}}\n  cloud")
    finding = only(text)
    assert "hunter2-hunter2" not in finding.message + finding.help + finding.excerpt


def test_no_login_of_a_url_is_in_a_message() -> None:
    text = TARGET.replace("  cloud", "  storage: {a: 'S3://user:hunter2@host/x'}\n  cloud")
    (finding,) = (one for one in findings(text) if one.code == "invalid-format")
    assert "hunter2" not in finding.message + finding.help + finding.excerpt


PIPELINE = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: here
spec:
  deadline: 2h
  schedule: {cron: ["0 3 * * 0"]}
  training: {image: "a:1", nodes: 2}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('["0 3 * * 0"]', '"0 3 * * 0"', "spec.schedule.cron: a text was given, not a list"),
        ('{cron: ["0 3 * * 0"]}', "daily", "spec.schedule: a text was given, not a map"),
        ("nodes: 2", "nodes: two", "spec.training.nodes: a text was given, not a whole number"),
        ("deadline: 2h", "deadline: [2h]", "spec.deadline: a list was given, not a text"),
        ("nodes: 2", "nodes: 1.5", "spec.training.nodes: a number was given, not a whole number"),
    ],
)
def test_a_wrong_type_is_said_in_the_words_of_yaml(old: str, new: str, message: str) -> None:
    assert only(PIPELINE.replace(old, new), Pipeline).message == message


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("deadline: 2h", "deadline: 2 hours", "invalid-format"),
        ("deadline: 2h", "deadline: 2", "wrong-type"),
    ],
)
def test_a_form_is_told_beside_what_a_field_is_for(old: str, new: str, code: str) -> None:
    finding = only(PIPELINE.replace(old, new), Pipeline)
    assert finding.code == code
    assert "250ms, 30s, 1h30m, 7d" in finding.help


def test_a_form_is_told_of_an_item_of_a_list_which_has_no_description() -> None:
    assert "or @daily and the like" in only(PIPELINE.replace("0 3 * * 0", "@dayly"), Pipeline).help


def test_a_form_is_told_once() -> None:
    help = only(TARGET.replace("cloud: aws", "cloud: aws\n  components: {kserve: v1}")).help
    assert help.count("without a leading v") == 1


@pytest.mark.parametrize(
    ("kind", "pointer", "name"),
    [
        (ModelSpec, (), "ModelSpec"),
        (ModelSpec, ("serving",), "Serving"),
        (ModelSpec, ("serving", "resources", "accelerator"), "AcceleratorRequest"),
        (ModelSpec, ("serving", "env", 0), "Variable"),
        (ModelSpec, ("serving", "env", 3, "fromSecret"), "SecretKey"),
        (ModelSpec, ("monitoring", "objectives", 0), "Objective"),
        (PipelineSpec, ("steps", 1, "resources"), "Resources"),
        (TargetSpec, ("accelerators", "a10g"), "Accelerator"),
        (TargetSpec, ("accelerators", "a10g", "tolerations", 0), "Toleration"),
        (Model, ("spec", "release"), "Release"),
        (Project, ("spec", "render", "kustomize"), "Kustomize"),
    ],
)
def test_a_block_is_found_by_its_pointer(kind: Any, pointer: tuple[Any, ...], name: str) -> None:
    block = block_at(kind, pointer)
    assert block is not None
    assert block.__name__ == name


@pytest.mark.parametrize(
    "pointer", [("nothing",), ("serving", "format"), ("serving", "env"), ("serving", "args", 0), ("serving", 0)]
)
def test_what_is_no_block_is_not_found(pointer: tuple[Any, ...]) -> None:
    assert block_at(ModelSpec, pointer) is None


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        (("serving", "scaling", "max"), "The most replicas, 1 to 1000."),
        (("serving", "resources", "accelerator", "class"), "The accelerator class"),
        (("serving", "env", 0, "name"), "The variable's name"),
        (("monitoring", "objectives", 2, "metric"), "availability"),
    ],
)
def test_a_field_is_found_by_its_name_in_yaml(pointer: tuple[Any, ...], words: str) -> None:
    assert words in field_at(ModelSpec, pointer).description


@pytest.mark.parametrize(
    "pointer", [(), ("class_",), ("serving", "max_concurrency"), ("serving", "env", 0), ("a", "b", "c")]
)
def test_what_is_no_field_is_not_found(pointer: tuple[Any, ...]) -> None:
    assert field_at(ModelSpec, pointer) is None


def test_the_words_that_a_field_allows() -> None:
    assert literals(field_at(ModelSpec, ("serving", "scaling", "metric"))) == ["cpu", "memory", "concurrency", "rps"]
    assert literals(field_at(ModelSpec, ("serving", "protocol"))) == ["v1", "v2", "grpc-v1", "grpc-v2"]
    assert literals(field_at(ModelSpec, ("serving", "timeout"))) == []
    assert literals(None) == []


def test_an_item_of_a_list_is_told_what_the_list_is_for() -> None:
    found = only(
        "apiVersion: mlgitops.dev/v1alpha1\nkind: Project\nmetadata: {name: a}\nspec: {environments: [De]}\n", Project
    )
    assert (found.pointer, found.help.startswith("The environments")) == ("spec.environments.0", True)


def test_an_item_of_a_list_of_words_is_told_which_words_there_are() -> None:
    text = TARGET.replace("Target", "Environment").partition("spec:")[0] + (
        "spec:\n  reconcile:\n    responses: [{when: [error], open: none}]\n"
    )
    found = next(one for one in findings(text, Environment) if one.code == "unknown-value")
    assert found.help.startswith("one of: drift, ")
    assert found.suggestion == "errors"


def test_a_response_for_no_model_at_all_is_refused() -> None:
    text = TARGET.replace("Target", "Environment").partition("spec:")[0] + (
        "spec:\n  reconcile:\n    responses: [{when: [errors], models: [], open: none}]\n"
    )
    found = next(one for one in findings(text, Environment) if one.code == "out-of-range")
    assert found.pointer == "spec.reconcile.responses.0.models"
    assert found.message.endswith("it has to have at least 1 item")
    assert found.help == "The models that it is for; all where left out."
