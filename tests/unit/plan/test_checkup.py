"""What ``doctor`` says of a forge's token: what it lacks, what cannot be told, and which rights to look for."""

from __future__ import annotations

from mlgitops.forges.access import Access
from mlgitops.plan.checkup import Condition, of_token

NEEDED = "'Pull requests' read and write"


def test_rights_that_the_forge_does_not_tell_are_said_not_to_be_known_and_which_to_look_for() -> None:
    check = of_token(Access((), ("the permissions of a fine-grained token or an app",), NEEDED))
    assert check.condition is Condition.UNKNOWN
    assert check.said.endswith("the forge tells nobody the permissions of a fine-grained token or an app")
    assert check.cure == "Look at the token's own settings there: it needs 'Pull requests' read and write."


def test_a_right_that_is_missing_is_named_with_all_that_are_needed() -> None:
    check = of_token(Access(("the scope repo",), (), NEEDED))
    assert (check.condition, check.said) == (Condition.BROKEN, "the token lacks the scope repo")
    assert check.cure == "Make one that has it: it needs 'Pull requests' read and write."


def test_a_token_with_all_rights_is_well() -> None:
    assert of_token(Access(needed=NEEDED)).condition is Condition.WELL
