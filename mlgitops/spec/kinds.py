"""The five kinds by name, and the specs that a block may hold a part of. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from mlgitops.spec.envelope import Envelope
from mlgitops.spec.environment import Environment
from mlgitops.spec.fields import Block
from mlgitops.spec.model import Model, ModelSpec
from mlgitops.spec.pipeline import Pipeline, PipelineSpec
from mlgitops.spec.project import Defaults, Project
from mlgitops.spec.target import Profile, Target

KINDS: Mapping[str, type[Envelope]] = {kind.__name__: kind for kind in (Project, Environment, Target, Model, Pipeline)}

PARTIAL_SPECS: Mapping[type[Block], Mapping[str, type[Block]]] = {
    block: {"model": ModelSpec, "pipeline": PipelineSpec} for block in (Defaults, Profile)
}
"""Fields that hold a part of another kind's spec. Pydantic sees a plain map there; resolving checks the parts."""
