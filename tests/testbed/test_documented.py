"""How pages are read where more than one person acts; tests/integration/test_documentation.py has the rest."""

from __future__ import annotations

import pytest

from tests.testbed.documented import Merged, Section, Shown, Written, block, steps, walk

PAGE = """\
# A page

Write
`a.yaml`:

```yaml
kind: Model
```

## Go on

It stands in `b.yaml`:

```yaml
kind: Target
```

The reviewer merges `promote/prod/iris`, and then merges
`served`.

```console
$ mlgitops status
```

The reviewer merges `last`.
"""


def test_sections_and_merges_are_told_in_their_order() -> None:
    assert list(walk(PAGE)) == [
        Written("a.yaml", "kind: Model\n"),
        Section("Go on"),
        Merged("promote/prod/iris"),
        Merged("served"),
        Shown("mlgitops status"),
        Merged("last"),
    ]


def test_a_reader_alone_merges_nothing() -> None:
    assert list(steps(PAGE)) == [Written("a.yaml", "kind: Model\n"), Shown("mlgitops status")]


def test_a_block_is_found_by_the_file_that_it_stands_for() -> None:
    assert block(PAGE, "b.yaml") == "kind: Target\n"
    with pytest.raises(ValueError, match="substring"):
        block(PAGE, "c.yaml")
