from __future__ import annotations

from typing import Any

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity
from mlgitops.plan.asked import Asked
from mlgitops.plan.selection import LISTED, Selection
from mlgitops.render.rendering import Rendering, TargetRendering

GONE = (Identity("", "ConfigMap", "ml", "gone"), "Model/gone")


@pytest.fixture
def renderings(make: Any) -> list[Rendering]:
    """Two environments with a target each."""
    dev = TargetRendering("aws-dev", {}, (make("a"), make("b", owner="Pipeline/train")))
    prod = TargetRendering("aws-prod", {}, (make("a"),))
    return [Rendering("shop", "dev", (dev,)), Rendering("shop", "prod", (prod,))]


def test_what_nobody_asked_for_is_everything(renderings: Any) -> None:
    selection = Selection.of(renderings, Asked())
    assert (selection.everything, selection.words()) == (True, ())
    assert selection.keeps_target("aws-dev")
    assert selection.keeps(*GONE)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        (Asked(), ["a", "b", "a"]),
        (Asked(targets=("aws-dev",)), ["a", "b"]),
        (Asked(models=("iris",)), ["a", "a"]),
        (Asked(models=("train",)), ["b"]),
        (Asked(models=("iris", "train")), ["a", "b", "a"]),
        (Asked(objects=("ConfigMap/b",)), ["b"]),
        (Asked(objects=("configmap/B",)), ["b"]),
        (Asked(targets=("aws-prod",), models=("iris",), objects=("ConfigMap/a",)), ["a"]),
        (Asked(targets=("aws-prod",), models=("train",)), []),
    ],
)
def test_what_is_asked_for_is_kept_and_nothing_else(renderings: Any, asked: Asked, kept: list[str]) -> None:
    selection = Selection.of(renderings, asked)
    targets = [target for rendering in renderings for target in rendering.targets]
    found = [m["metadata"]["name"] for target in targets for m in selection.manifests(target, "")]
    assert found == kept


def test_manifests_are_stamped_with_their_commit(renderings: Any) -> None:
    (first, _) = Selection().manifests(renderings[0].targets[0], "c1")
    assert first["metadata"]["annotations"] == {"mlgitops.dev/source-commit": "c1"}


@pytest.mark.parametrize(
    ("asked", "message", "help"),
    [
        (Asked(targets=("aws-dve",)), "there is no target 'aws-dve' here", "did you mean 'aws-dev'?"),
        (Asked(models=("irsi",)), "there is no model 'irsi' here", "did you mean 'iris'? models: iris, train"),
        (
            Asked(objects=("ConfigMap/c1",)),
            "there is no object 'ConfigMap/c1' here",
            "objects: ConfigMap/a, ConfigMap/b",
        ),
        (Asked(objects=("iris",)), "--select iris is not KIND/NAME", "InferenceService/iris"),
        (Asked(objects=("a/b/c",)), "--select a/b/c is not KIND/NAME", "InferenceService/iris"),
        (Asked(models=("zzz",)), "there is no model 'zzz' here", "models: iris, train"),
    ],
)
def test_an_unknown_name_is_refused_with_what_was_meant(renderings: Any, asked: Asked, message: str, help: str) -> None:
    with pytest.raises(MlgitopsError, match=message.replace("(", ".")) as caught:
        Selection.of(renderings, asked)
    assert help in caught.value.help


@pytest.mark.parametrize("asked", [Asked(models=("gone",)), Asked(objects=("ConfigMap/gone",))])
def test_what_was_applied_and_git_no_longer_has_may_be_asked_for(renderings: Any, asked: Asked) -> None:
    with pytest.raises(MlgitopsError):
        Selection.of(renderings, asked)
    assert Selection.of(renderings, asked, [GONE]).keeps(*GONE)


def test_a_long_list_of_names_is_cut(make: Any) -> None:
    target = TargetRendering("aws", {}, tuple(make(f"a{number:02}") for number in range(LISTED + 3)))
    with pytest.raises(MlgitopsError) as caught:
        Selection.of([Rendering("shop", "dev", (target,))], Asked(objects=("Secret/zzzzzzzz",)))
    assert caught.value.help.endswith(f"ConfigMap/a{LISTED - 1:02} and 3 more")


def test_the_words_are_the_options(renderings: Any) -> None:
    asked = Asked(targets=("aws-dev",), models=("iris",), objects=("ConfigMap/a",))
    assert Selection.of(renderings, asked).words() == ("--target aws-dev", "--model iris", "--select ConfigMap/a")
