from __future__ import annotations

from mlgitops.compile.draft import Draft, note_defaults, text
from mlgitops.compile.notes import Notes
from mlgitops.compile.written import Where, Written
from mlgitops.spec.document import load

WRITTEN = Written("flows/train.py", "x = 1\n", "sha256:" + "1" * 64)


def test_the_text_says_where_it_came_from_and_reads_back_as_what_it_is() -> None:
    odd = ["12345e6", "0o12", "yes", "a: b", "# no comment", "line\n  indented\n", " lead", "tab\there", "${x}"]
    steps = [{"name": "main", "image": "alpine:3", "args": odd}]
    draft = Draft("flow", steps, [{"name": "rate", "type": "float", "value": 1e-05}], {"deadline": "1h"})
    document = draft.document("flow")
    made = text(document, WRITTEN)
    assert made.splitlines()[1:3] == [
        "# Compiled by `mlgitops compile` from flows/train.py", f"# sha256:{'1' * 64}"
    ]  # fmt: skip
    assert load("environments/dev/pipelines/flow.yaml", made.encode()).data == document


def test_steps_that_do_not_say_what_they_need_are_named_once() -> None:
    notes = Notes(WRITTEN)
    said = {"resources": {"cpu": "1", "memory": "1Gi"}}
    draft = Draft("flow", [{"name": "a"}, {"name": "b", **said}, {"name": "c", "resources": {"cpu": "1"}}])
    note_defaults(draft, notes, Where())
    (finding,) = notes.findings
    assert finding.message == "a, c: of what is not said, 500m cpu and 512Mi of memory are reserved"
