"""A local forge whose bare repository is not there: every verb that needs it says so, and how it is made."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "verb",
    [
        ("promote", "iris", "--to", "staging"),
        ("rollback", "iris", "--env", "prod"),
        ("history", "iris", "--env", "prod"),
        ("review", "list"),
    ],
    ids=lambda verb: verb[0],
)
def test_a_repository_that_is_missing_is_named_with_the_command_that_makes_it(shop: Any, verb: tuple[str, ...]) -> None:
    shop.bare.rename(shop.bare.with_name("elsewhere.git"))
    ran = shop.run(*verb)
    assert ran.code == 1, ran
    assert f"is not a bare repository, since {shop.bare} does not exist" in ran.err
    assert f"`git init --bare {shop.bare}`" in ran.err
    assert not shop.bare.exists()
