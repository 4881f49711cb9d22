"""Drawings of resolved environments, and how they are written: always the same, and harmless whatever the names."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from mlgitops.plan.asked import Asked
from mlgitops.report.graph import FORMATS
from mlgitops.report.graph.drawing import Arrow, Box, Drawing, key_of
from mlgitops.report.graph.layout import Point, Size, placed
from mlgitops.workflows.graph import draw
from mlgitops.workflows.project import open_project
from tests.conftest import PROJECT_FILES, ProjectFactory

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n"
IRIS = PROJECT_FILES["environments/dev/models/iris.yaml"]
PROD = PROJECT_FILES["environments/dev/environment.yaml"].replace("name: dev", "name: prod")
FILES = {
    "mlgitops.yaml": PROJECT_FILES["mlgitops.yaml"].replace("[dev]", "[dev, prod]"),
    "environments/prod/environment.yaml": PROD
    + "  promotion:\n    gates:\n      - uses: model-card\n        level: warn\n",
    "environments/dev/models/vote.yaml": IRIS.replace("name: iris", "name: vote") + "  dependsOn: [iris]\n",
    "environments/dev/pipelines/train.yaml": HEAD.format(kind="Pipeline", name="train")
    + "  model: iris\n  steps:\n    - name: one\n      uses: check@1.0\n",
    "environments/dev/pipelines/other.yaml": HEAD.format(kind="Pipeline", name="other")
    + "  model: lost\n  steps:\n    - name: one\n      image: example.com/a:1\n      command: [a]\n",
    "steps/check/1.0.yaml": HEAD.format(kind="Pipeline", name="check")
    + "  steps:\n    - name: check\n      image: example.com/a:1\n      command: [a]\n",
}
HOSTILE = '"]; x-->y <script>alert(1)</script> `a` \\" #quot; \x1b[31m\n%%{init}%% &amp; ]]> }'


def drawing(root: object, what: str, asked: Asked = Asked()) -> Drawing:  # noqa: B008
    return draw(open_project(root, None, no_cache=True), what, asked).drawing  # type: ignore[arg-type]


def arrows(drawn: Drawing) -> set[tuple[str, str, str]]:
    names = {box.key: f"{box.kind} {box.name}" for box in drawn.boxes}
    return {(names[one.source], one.word, names[one.to]) for one in drawn.arrows}


def test_a_release_travels_in_the_order_of_the_project(project: ProjectFactory) -> None:
    drawn = drawing(project(FILES), "promotion")
    assert arrows(drawn) == {("environment dev", "promotes to", "environment prod")}
    assert drawn.boxes[1].details == ("0 models, 0 pipelines", "at here", "gate model-card (warns)")


def test_an_environment_may_say_where_releases_come_from(project: ProjectFactory) -> None:
    prod = PROD + "  promotion:\n    from: staging\n"
    drawn = drawing(project({**FILES, "environments/prod/environment.yaml": prod}), "promotion")
    assert arrows(drawn) == {("environment staging", "promotes to", "environment prod")}
    assert drawn.boxes[-1] == Box("environment", "staging", ("not there",))


def test_releases_of_a_model_are_shown_where_they_are(project: ProjectFactory) -> None:
    dev, prod = drawing(project(FILES), "promotion", Asked(models=("iris",))).boxes
    assert dev.details[0] == "iris 1.0"
    assert prod.details[0] == "iris: not there"


def test_everything_that_is_named_is_drawn_even_where_it_is_not_there(project: ProjectFactory) -> None:
    drawn = drawing(project(FILES), "dependencies", Asked(environments=("dev",)))
    assert arrows(drawn) == {
        ("model vote", "needs", "model iris"), ("pipeline train", "trains", "model iris"),
        ("pipeline train", "uses", "step template check@1.0"), ("pipeline other", "trains", "model lost"),
        ("model iris", "runs at", "target here"), ("model vote", "runs at", "target here"),
        ("pipeline train", "runs at", "target here"), ("pipeline other", "runs at", "target here"),
    }  # fmt: skip
    assert {box.name for box in drawn.boxes if "not there" in box.details} == {"lost"}


def test_of_a_model_there_is_what_it_needs_and_what_needs_it(project: ProjectFactory) -> None:
    drawn = drawing(project(FILES), "dependencies", Asked(models=("iris",)))
    assert {box.name for box in drawn.boxes} == {"iris", "vote", "train", "here"}


def test_errors_in_specs_are_told_since_something_may_be_left_out(project: ProjectFactory) -> None:
    root = project({**FILES, "environments/dev/models/vote.yaml": "kind: Model\n"})
    drawn = draw(open_project(root, None, no_cache=True), "dependencies", Asked(environments=("dev",)))
    assert drawn.errors
    assert Box("model", "vote", ("cannot be read",), "dev") in drawn.drawing.boxes


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_specs_give_the_same_bytes(
    format: str, project: ProjectFactory, golden: Callable[[str, str], None]
) -> None:
    root = project(FILES)
    golden(f"report/graph-promotion.{format}", FORMATS[format](drawing(root, "promotion")))
    golden(f"report/graph-dependencies.{format}", FORMATS[format](drawing(root, "dependencies")))


def hostile() -> Drawing:
    boxes = (Box("model", HOSTILE, (HOSTILE,), HOSTILE), Box("model", "plain", (), HOSTILE))
    return Drawing(HOSTILE, boxes, (Arrow(boxes[0].key, boxes[1].key, HOSTILE),))


def test_hostile_names_are_text_in_svg() -> None:
    tree = ElementTree.fromstring(FORMATS["svg"](hostile()))
    tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert tags == {"svg", "title", "style", "defs", "marker", "path", "rect", "text", "g"}
    assert any("<script>" in (element.text or "") for element in tree.iter())


def test_hostile_names_are_inert_in_mermaid() -> None:
    quoted = re.findall(r'"(.*?)"', FORMATS["mermaid"](hostile()))
    assert len(quoted) == 4
    assert all(re.fullmatch(r"([\w .,:/@()+-]|#\d+;|<br/>)*", text) for text in quoted)


def test_hostile_names_stay_within_quotes_in_dot() -> None:
    text = FORMATS["dot"](hostile())
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    assert re.fullmatch(r"[\w\s{}\[\],=>-]*", bare)
    assert "\x1b" not in text


def test_keys_are_never_the_same_for_two_boxes() -> None:
    names = ["a-b", "a_b", "a_2d_b", "a.b", "a", "", "-"]
    assert len({key_of(kind, name, frame) for kind in ("model", "x") for name in names for frame in names}) == 2 * 49


def test_arrows_lead_rightwards_and_cross_no_box() -> None:
    sizes = dict.fromkeys("abc", Size(10, 10))
    where = placed(sizes, [("a", "b"), ("b", "c"), ("a", "c")], (), Size(5, 5))
    assert [where.corners[key].x for key in "abc"] == [0, 15, 30]
    box = where.corners["b"]
    assert not [point for point in where.ways[2] if box.y <= point.y <= box.y + 10 and 15 <= point.x <= 25]


def test_a_circle_is_drawn_too() -> None:
    where = placed(dict.fromkeys("ab", Size(10, 10)), [("a", "b"), ("b", "a"), ("a", "a")], (), Size(5, 5))
    assert where.corners == {"a": Point(0, 0), "b": Point(15, where.corners["b"].y)}
    assert len(where.ways) == 3
