"""What tests of specs share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding
from mlgitops.spec.document import load

Refuse = Callable[[str | bytes], list[Finding]]


@pytest.fixture(scope="session")
def refuse() -> Refuse:
    """``refuse(content)`` gives the findings that ``load`` raises for the content, and fails if it raises none."""

    def findings(content: str | bytes) -> list[Finding]:
        with pytest.raises(FindingsError) as caught:
            load("models/a.yaml", content.encode() if isinstance(content, str) else content)
        return list(caught.value.findings)

    return findings
