from __future__ import annotations

import pytest

from mlgitops.spec.cel import LONGEST, compiled

OBJECT = {
    "metadata": {"generation": 3},
    "status": {
        "phase": "Good",
        "observedGeneration": 3,
        "conditions": [{"type": "Ready", "status": "True"}],
        "n": None,
    },
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("object.status.phase == 'Good'", True),
        ("object.status.phase == 'Bad'", False),
        ("object.status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')", True),
        ("has(object.status.url) && object.status.url != ''", False),
        ("object.metadata.generation == object.status.observedGeneration", True),
        ("object.status.phase.matches('^G') && size(object.status.conditions) == 1", True),
    ],
)
def test_an_expression_holds_or_not(text: str, holds: bool) -> None:
    assert compiled(text).holds(OBJECT) is holds


@pytest.mark.parametrize(
    "text",
    [
        "object.status.missing == 'x'",
        "object.status.n.deeper == 1",
        "object.status.phase > 1",
        "object.status.conditions[7].type == 'Ready'",
        "1 / 0 == 1",
        "object.status.phase",
        "timestamp(object.status.phase) > timestamp('2026-01-01T00:00:00Z')",
    ],
)
def test_what_cannot_be_told_is_false(text: str) -> None:
    assert compiled(text).holds(OBJECT) is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("object.status.phase ==", "it is no CEL: 1:"),
        ("status.phase == 'Good'", "there is no 'status'; the object is called object"),
        ("object.status.phase.startswith('G')", "there is no function 'startswith'"),
        ("object.a.all(x, object.b.all(y, object.c.all(z, true)))", "goes over lists more than 2 times"),
        ("true || " * 200 + "true", f"of at most {LONGEST}"),
    ],
)
def test_an_expression_that_cannot_be_used_says_why(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        compiled(text)
    assert message in str(refused.value)
