from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding
from mlgitops.render.rendering import Rendering
from mlgitops.sources.cache import Cache
from mlgitops.workflows import render
from mlgitops.workflows.incremental import Made

ENVELOPE = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n"
MODEL = """spec:
  targets: {targets}
  dependsOn: {depends_on}
  lifecycle: {lifecycle}
  release: {{version: "{version}", artifact: {{uri: s3://models/{name}}}}}
  serving: {{mode: realtime, format: sklearn, scaling: {{min: 1, max: {most}}}}}
"""
TRAINED = "spec: {{model: {model}, training: {{runtime: torch-distributed, image: example.com/train:1}}}}\n"
STEPS = """spec:
  targets: [here]
  steps: [{{name: a, uses: {uses}, with: {{rows: {rows}}}, env: [{{name: IMAGE, value: "{image}"}}]}}]
"""
TEMPLATE = """spec:
  parameters: [{{name: rows, type: int, value: 1}}]
  steps: [{{name: wash, image: {image}, args: ["{{{{parameters.rows}}}}"], resources: {{memory: {memory}}}}}]
"""
TARGET = """spec:
  cloud: onprem
  namespace: models
  connection: {directory: {path: clusters/here}}
  components: {kserve: "0.16.0", trainer: "2.1.0", argoWorkflows: "3.7.1"}
"""
ALL_DEPRECATED = "spec: {targets: [here, there], defaults: {model: {lifecycle: {stage: deprecated}}}}\n"
NAMES = ("one", "two", "three", "four")
LIFECYCLES = (
    "{}", "{stage: deprecated}", "{stage: experimental}", "{stage: retired}",
    *(f"{{stage: deprecated, replacedBy: {name}}}" for name in NAMES),
)  # fmt: skip
OWN = "environments/prod/models/{}.yaml"
TRAIN = "environments/prod/pipelines/train.yaml"
COOK = "environments/prod/pipelines/{}.yaml"
COOKS = ("boil", "fry")
IMAGES = ("example.com/a:1", "example.com/a@sha256:" + "0" * 64)
WASH = "steps/wash/{}.yaml"
VERSIONS = ("1.0", "2.0")
ENVIRONMENT = "environments/prod/environment.yaml"


@dataclass(frozen=True)
class Files:
    """Some files, as a source."""

    content: Mapping[str, bytes]
    commit: str = ""
    dirty: bool = False

    def files(self) -> Mapping[str, bytes]:
        return self.content


def spec(kind: str, name: str, rest: str) -> bytes:
    return (ENVELOPE.format(kind=kind, name=name) + rest).encode()


def model(name: str, **values: object) -> bytes:
    usual = {"targets": "[here]", "depends_on": "[]", "lifecycle": "{}", "version": "1.0", "most": 1}
    return spec("Model", name, MODEL.format(**{**usual, **values, "name": name}))


def cook(name: str, uses: str = "wash@1.0", rows: int | str = 1, image: str = IMAGES[0]) -> bytes:
    """A pipeline whose step uses a template."""
    return spec("Pipeline", name, STEPS.format(uses=uses, rows=rows, image=image))


def wash(image: str = IMAGES[0], memory: str = "1Gi") -> bytes:
    """A step template."""
    return spec("Pipeline", "wash", TEMPLATE.format(image=image, memory=memory))


def project() -> dict[str, bytes]:
    """Four models, of which one has a base, and three pipelines, of which two use a step template; at two targets."""
    return {
        "mlgitops.yaml": spec("Project", "shop", "spec: {environments: [dev, prod]}\n"),
        **{f"targets/{name}.yaml": spec("Target", name, TARGET.replace("here", name)) for name in ("here", "there")},
        "models/one.yaml": spec("Model", "one", "spec: {governance: {owner: me@example.com}}\n"),
        ENVIRONMENT: spec("Environment", "prod", "spec: {targets: [here, there]}\n"),
        "environments/dev/environment.yaml": spec("Environment", "dev", "spec: {targets: [here]}\n"),
        TRAIN: spec("Pipeline", "train", TRAINED.format(model="one")),
        **{WASH.format(version): wash() for version in VERSIONS},
        **{COOK.format(name): cook(name, f"wash@{version}") for name, version in zip(COOKS, VERSIONS, strict=True)},
        **{OWN.format(name): model(name) for name in NAMES},
    }


def whole(files: Mapping[str, bytes]) -> Rendering | tuple[Finding, ...]:
    try:
        return render.render_environment(Files(files), "prod")
    except FindingsError as error:
        return tuple(error.findings)


def since(files: Mapping[str, bytes], before: Made) -> Rendering | tuple[Finding, ...]:
    made = made_since(files, before)
    return made.rendering if isinstance(made, Made) else made


def made_since(files: Mapping[str, bytes], before: Made) -> Made | tuple[Finding, ...]:
    try:
        return render.make(Files(files), "prod", None, before)
    except FindingsError as error:
        return tuple(error.findings)


@functools.cache
def untouched() -> Made:
    """What is made of the project as it is, before anything changes."""
    return render.make(Files(project()), "prod", None)


a_model = st.builds(
    lambda name, **values: {OWN.format(name): model(name, **values)},
    st.sampled_from(NAMES),
    targets=st.sampled_from(["[here]", "[there]", "[here, there]", "[nowhere]"]),
    depends_on=st.lists(st.sampled_from(NAMES), max_size=2).map(lambda names: f"[{', '.join(names)}]"),
    lifecycle=st.sampled_from(LIFECYCLES),
    most=st.sampled_from([1, 2, 0]),
)
gone = st.sampled_from(NAMES).map(lambda name: {OWN.format(name): None})
a_base = st.sampled_from([None, "spec: {governance: {owner: she@example.com}}\n", "spec: {nonsense: 1}\n"]).map(
    lambda rest: {"models/two.yaml": spec("Model", "two", rest) if rest else None}
)
a_pipeline = st.sampled_from([None, *NAMES]).map(
    lambda name: {TRAIN: spec("Pipeline", "train", TRAINED.format(model=name)) if name else None}
)
a_template = st.builds(
    lambda version, content: {WASH.format(version): content},
    st.sampled_from(VERSIONS),
    st.one_of(
        st.none(),
        st.just(b"nonsense"),
        st.builds(wash, st.sampled_from(IMAGES), st.sampled_from(["1Gi", "2Gi", "much"])),
    ),
)
a_cook = st.builds(
    lambda name, content: {COOK.format(name): content},
    st.sampled_from(COOKS),
    st.one_of(
        st.none(),
        st.builds(
            cook,
            st.sampled_from(COOKS),
            st.sampled_from(["wash@1.0", "wash@2.0", "wash@3.0"]),
            st.sampled_from([1, 2, "many"]),
            st.sampled_from(IMAGES),
        ),
    ),
)
shared = st.sampled_from(
    [
        {ENVIRONMENT: spec("Environment", "prod", "spec: {targets: [here, there], labels: {a: b}}\n")},
        {ENVIRONMENT: spec("Environment", "prod", ALL_DEPRECATED)},
        {"environments/dev/models/one.yaml": model("one")},
        {"environments/dev/models/one.yaml": b"nonsense"},
        {"environments/new/models/one.yaml": model("one")},
        {"models/two.yml": b"not read"},
        {"steps/wash/new.yaml": b"not read"},
    ]
)  # fmt: skip
changes = st.lists(
    st.one_of(a_model, a_model, gone, a_base, a_pipeline, a_template, a_cook, shared), min_size=1, max_size=6
)


@given(changes)
@settings(max_examples=50, deadline=None)
def test_rendering_what_changed_gives_what_rendering_everything_gives(edits: list[dict[str, bytes | None]]) -> None:
    files = project()
    before = untouched()
    for edit in edits:
        merged = {**files, **edit}
        files = {path: content for path, content in merged.items() if content is not None}
        made, expected = made_since(files, before), whole(files)
        if isinstance(made, Made):
            assert made.rendering == expected
            before = made
        else:
            assert made == expected


def test_a_warning_in_a_file_that_all_share_stays() -> None:
    files = {**project(), ENVIRONMENT: spec("Environment", "prod", ALL_DEPRECATED)}
    before = render.make(Files(files), "prod", None)
    assert "deprecated-without-successor" in {finding.code for finding in before.rendering.findings}
    changed = {**files, OWN.format("two"): model("two", most=2)}
    assert since(changed, before) == whole(changed)


class Noting:
    """Notes which models and pipelines are rendered."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import mlgitops.render.render as rendering

        self.names: list[str] = []
        one = rendering.render

        def noted(resolved):  # type: ignore[no-untyped-def]
            self.names += [resolved.name] if resolved.name not in self.names else []
            return one(resolved)

        monkeypatch.setattr(rendering, "render", noted)


@pytest.fixture
def noting(monkeypatch: pytest.MonkeyPatch) -> Noting:
    return Noting(monkeypatch)


def test_only_a_model_that_changed_is_rendered_with_what_depends_on_it(noting: Noting) -> None:
    files = {**project(), OWN.format("two"): model("two", depends_on="[one]")}
    before = render.make(Files(files), "prod", None)
    noting.names.clear()
    since({**files, OWN.format("four"): model("four", most=2)}, before)
    assert noting.names == ["four"]
    noting.names.clear()
    since({**files, OWN.format("two"): model("two", depends_on="[one]", most=2)}, before)
    assert noting.names == ["one", "two", "train"]


def test_a_step_template_that_changed_has_just_the_pipelines_rendered_that_use_it(noting: Noting) -> None:
    files = {**project(), COOK.format("grill"): cook("grill", "wash@2.0")}
    before = render.make(Files(files), "prod", None)
    noting.names.clear()
    since({**files, WASH.format("2.0"): wash(memory="4Gi")}, before)
    assert noting.names == ["fry", "grill"]
    noting.names.clear()
    since({**files, COOK.format("fry"): cook("fry", "wash@2.0", rows=7)}, before)
    assert noting.names == ["fry"]
    noting.names.clear()
    since({**files, WASH.format("3.0"): wash()}, before)
    assert noting.names == []


def test_a_warning_about_a_step_template_is_told_whoever_uses_it(noting: Noting) -> None:
    before = render.make(Files(files := project()), "prod", None)
    changed = {**files, COOK.format("fry"): cook("fry", "wash@1.0"), WASH.format("2.0"): wash(IMAGES[1])}
    assert since(changed, before) == whole(changed)
    told = [f.location.path for f in before.rendering.findings if f.code == "image-not-pinned"]
    assert [path for path in told if path.startswith("steps/")] == [WASH.format(version) for version in VERSIONS]


def test_so_it_is_by_the_cache_of_an_earlier_run(noting: Noting, tmp_path: Path) -> None:
    cache, files = Cache(tmp_path / "cache"), project()
    render.render_environment(Files(files), "prod", cache)
    noting.names.clear()
    changed = {**files, OWN.format("four"): model("four", most=2)}
    found = render.render_environment(Files(changed), "prod", cache)
    assert noting.names == ["four"]
    assert found == whole(changed)


def test_what_did_not_change_is_the_same_object(noting: Noting) -> None:
    before = render.make(Files(files := project()), "prod", None)
    after = render.make(Files({**files, OWN.format("four"): model("four", most=2)}), "prod", None, before)
    same = {id(one) for target in before.rendering.targets for one in target.manifests}
    other = [one["metadata"]["name"] for t in after.rendering.targets for one in t.manifests if id(one) not in same]
    assert set(other) == {"four"}
