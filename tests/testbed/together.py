"""Tests that mostly wait, and therefore are run side by side: together they take as long as the longest.

together = Together()

@together
def test_something(scene: Scene) -> None: ...

The first of a module that is run begins all that are selected, each with a scene of its own (the fixture ``begun``).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from concurrent.futures import Future

from tests.testbed.scene import Scene

Test = Callable[[Scene], None]
Begun = Mapping[str, Future[None]]
"""How each test ended, by its name."""


class Together:
    """The tests of one module, by name, in the module's variable ``together``."""

    def __init__(self) -> None:
        self.tests: dict[str, Test] = {}

    def __call__(self, test: Test) -> Callable[[Begun], None]:
        """A test that ends as the one that was begun."""

        @functools.wraps(test)
        def ended(begun: Begun) -> None:
            begun[test.__name__].result()

        ended.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter("begun", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        )
        self.tests[test.__name__] = test
        return ended
