"""All pages of a snapshot by their path, for a folder that any web server or a browser alone can show. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.page.data import json
from mlgitops.page.model import Snapshot, slug
from mlgitops.page.overview import overview
from mlgitops.page.plans import audit_page, plan_page
from mlgitops.page.subject import subject_page


def site(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Each page with its path; what they refer to in ``assets/`` is not among them."""
    yield "index.html", overview(snapshot)
    yield "data.json", json(snapshot)
    if snapshot.audit is not None:
        yield "audit.html", audit_page(snapshot, snapshot.audit)
    for stage in snapshot.stages:
        yield f"plans/{slug(stage.name)}.html", plan_page(snapshot, stage)
    for subject in snapshot.subjects:
        yield subject.path, subject_page(snapshot, subject)
