from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import TargetError
from mlgitops.targets.git.location import Location, locate, mirror

ID = "shop/dev/aws"


def test_what_is_left_out_is_filled_in(tmp_path: Path) -> None:
    assert locate({}, tmp_path, ID) == Location("deploy/dev/aws")
    assert locate({"branch": "deploy", "path": "a/b", "push": True}, tmp_path, ID) == Location(
        "deploy", "a/b", "", True
    )


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("../deploy.git", "{parent}/deploy.git"),
        ("/srv/deploy.git", "/srv/deploy.git"),
        ("https://git.example.com/x.git", "https://git.example.com/x.git"),
        ("git@git.example.com:x.git", "git@git.example.com:x.git"),
    ],
)
def test_a_path_belongs_to_the_projects_root(tmp_path: Path, repository: str, address: str) -> None:
    found = locate({"repository": repository}, tmp_path, ID)
    assert found.address == address.format(parent=tmp_path.parent)


@pytest.mark.parametrize(
    "settings",
    [
        {"branch": "-x"},
        {"branch": "a..b"},
        {"branch": "HEAD"},
        {"branch": "deploy\n"},
        {"branch": 1},
        {"path": "../elsewhere"},
        {"path": ".git/hooks"},
        {"repository": "ext::sh -c id"},
        {"repository": "--upload-pack=id"},
        {"repository": "https://me:hunter2@git.example.com/x"},
    ],
)
def test_a_plan_file_cannot_lead_git_astray(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(TargetError, match=r"connection\.git") as refused:
        locate(settings, tmp_path, ID)
    assert "hunter2" not in refused.value.message


def test_each_repository_has_a_mirror_of_its_own(home: Path) -> None:
    one, other = mirror("https://git.example.com/a"), mirror("https://git.example.com/b")
    assert one != other
    assert one.is_relative_to(home / ".cache/mlgitops/git")
    assert "example" not in one.name
