from __future__ import annotations

from typing import Any, cast

import pytest

from mlgitops.errors import TargetError
from mlgitops.targets.kubernetes import listing
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.discovery import Resource
from mlgitops.targets.kubernetes.failures import ApiError, GoneError

MAPS = Resource("", "v1", "ConfigMap", "configmaps", namespaced=True, verbs=frozenset())


class Pages:
    """Answers a list's requests one after the other, and remembers how it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    def get(self, path: str, query: dict[str, str], accept: str) -> Any:
        self.asked.append((path, query.get("continue", "")))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def page(*names: str, following: str = "") -> dict[str, Any]:
    return {"metadata": {"continue": following}, "items": [{"metadata": {"name": name}} for name in names]}


def gone() -> GoneError:
    return GoneError(410, {}, "too old")


def listed(pages: Pages) -> list[str]:
    found = listing.objects(cast(Client, pages), MAPS, "ml", "a=b")
    assert all((one["apiVersion"], one["kind"]) == ("v1", "ConfigMap") for one in found)
    return [one["metadata"]["name"] for one in found]


def test_pages_are_read_to_the_end() -> None:
    pages = Pages(page("a", "b", following="x"), page("c", following="y"), page())
    assert listed(pages) == ["a", "b", "c"]
    assert pages.asked == [("/api/v1/namespaces/ml/configmaps", token) for token in ("", "x", "y")]


def test_a_list_that_moved_on_too_far_is_made_anew_as_a_whole() -> None:
    pages = Pages(page("old", following="x"), gone(), page("a", following="z"), page("b"))
    assert listed(pages) == ["a", "b"]


def test_a_list_that_always_moves_on_is_an_error() -> None:
    with pytest.raises(GoneError):
        listed(Pages(*[page("a", following="x"), gone()] * 3))


@pytest.mark.parametrize("answer", [{"metadata": {}}, {"items": []}, [], {"items": [], "metadata": None}])
def test_what_is_no_list_is_never_taken_for_an_empty_one(answer: Any) -> None:
    with pytest.raises(TargetError, match="is not a list"):
        listed(Pages(page("a", following="x"), answer))


def test_a_page_that_fails_fails_the_list() -> None:
    with pytest.raises(ApiError):
        listed(Pages(page("a", following="x"), ApiError(500, {}, "boom")))


def test_no_items_are_an_empty_list() -> None:
    assert listed(Pages({"metadata": {}, "items": None})) == []
