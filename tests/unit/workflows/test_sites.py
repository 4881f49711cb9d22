from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import GuardError, NotAuthorisedError, TargetError
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.workflows.sites import Site, read_sites

SECONDS = 20.0
ALL = Selection()


def rendering(environment: str, *targets: str) -> Rendering:
    made = tuple(TargetRendering(name, {"directory": {"path": f"clusters/{name}"}}, ()) for name in targets)
    return Rendering("shop", environment, made)


def read(root: Path, found: Any, *renderings: Rendering, selection: Selection = ALL, **more: Any) -> list[Any]:
    return list(
        read_sites(root, renderings, selection, found, lambda target, reason: f"{target.target}: {reason}", **more)
    )


def test_targets_come_by_environment_and_in_their_order_although_all_are_read_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def found(site: Site) -> str:
        together.wait(SECONDS)  # nobody goes on before all are there
        return f"{site.rendering.environment}/{site.name}"

    dev, prod = rendering("dev", "a", "b", "c"), rendering("prod", "a")
    assert read(tmp_path, found, dev, prod) == [("dev/a", "dev/b", "dev/c"), ("prod/a",)]


def test_only_selected_targets_are_read(tmp_path: Path) -> None:
    found = read(
        tmp_path, lambda site: site.name, rendering("dev", "a", "b"), rendering("prod", "c"),
        selection=Selection(targets=("b",)),
    )  # fmt: skip
    assert found == [("b",), ()]


@pytest.mark.parametrize("kind", [TargetError, NotAuthorisedError])
def test_a_target_that_cannot_be_read_fails_alone(tmp_path: Path, kind: type[TargetError]) -> None:
    def found(site: Site) -> str:
        if site.name == "b":
            raise kind("it is gone", help="Wait.")
        return site.name

    assert read(tmp_path, found, rendering("dev", "a", "b", "c")) == [("a", "b: it is gone. Wait.", "c")]


def test_so_does_one_whose_connection_is_not_supported(tmp_path: Path) -> None:
    broken = Rendering("shop", "dev", (*rendering("dev", "a").targets, TargetRendering("b", {"ftp": {}}, ())))
    ((first, second),) = read(tmp_path, lambda site: site.name, broken)
    assert first == "a"
    assert second.startswith("b: the connection 'ftp' is not supported. Use exactly one")


def test_the_error_of_the_only_target_comes_out_as_it_is(tmp_path: Path) -> None:
    def found(site: Site) -> str:
        raise NotAuthorisedError("no", help="Ask.")

    one = rendering("dev", "a")
    with pytest.raises(NotAuthorisedError, match="no"):
        read(tmp_path, found, one)
    with pytest.raises(NotAuthorisedError, match="no"):
        read(tmp_path, found, rendering("dev", "a", "b"), selection=Selection(targets=("b",)))
    assert read(tmp_path, found, one, raises_alone=False) == [("a: no. Ask.",)]
    assert read(tmp_path, found, one, rendering("prod", "a")) == [("a: no. Ask.",), ("a: no. Ask.",)]


def test_other_errors_are_everybodys(tmp_path: Path) -> None:
    def found(site: Site) -> str:
        raise GuardError("an accident")

    with pytest.raises(GuardError):
        read(tmp_path, found, rendering("dev", "a", "b"))
