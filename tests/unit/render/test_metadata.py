from __future__ import annotations

from collections.abc import Callable

from mlgitops.render.field_sources import spec_pointer
from mlgitops.render.metadata import object_metadata
from mlgitops.spec.resolved import ResolvedModel

DEPENDS_ON = "mlgitops.dev/depends-on"


def test_what_a_model_depends_on_is_written_on_its_manifests(resolved_model: Callable[..., ResolvedModel]) -> None:
    metadata = object_metadata(resolved_model(dependsOn=("ranker", "embedder", "ranker")))
    assert metadata["annotations"][DEPENDS_ON] == "embedder,ranker"
    assert DEPENDS_ON not in object_metadata(resolved_model())["annotations"]


def test_a_change_of_it_leads_to_its_field() -> None:
    path = ("metadata", "annotations", DEPENDS_ON)
    assert spec_pointer("Model/fraud", "InferenceService", path) == (False, ("dependsOn",))
