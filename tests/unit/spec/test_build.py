from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from mlgitops.spec.build import FolderPath

PATHS: TypeAdapter[str] = TypeAdapter(FolderPath)


@pytest.mark.parametrize("path", ["a", "a/b-c_d.e/", "models/.hidden/f", "a..b/c", "Dockerfile.cpu"])
def test_a_path_within_the_repository_is_taken(path: str) -> None:
    assert PATHS.validate_python(path) == path


@pytest.mark.parametrize("path", ["..", "a/..", "a/../../etc", "a/./b", "/etc", "a//b", "a b", ""])
def test_a_path_that_could_lead_out_of_the_repository_is_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        PATHS.validate_python(path)
