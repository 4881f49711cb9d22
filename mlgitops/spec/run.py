"""One run of a pipeline that Git asks for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mlgitops.spec.fields import Block, Line, Name
from mlgitops.spec.parameters import ParameterText


class Run(Block):
    """One run beside those of a schedule. It starts once, when it is applied, and not again when its object is gone.

    Another number, or other parameters, is another run. ``mlgitops retrain`` opens the pull request that asks for the
    next one.
    """

    number: Annotated[int, Field(ge=1, le=9999, description="Which run it is, 1 to 9999: the next number runs again.")]
    reason: Annotated[Line | None, Field(description="Why it is asked for; stands in an annotation of the run.")] = None
    parameters: Annotated[
        dict[Name, ParameterText],
        Field(description="Values of the pipeline's parameters for this run; its own where they are left out."),
    ] = Field(default_factory=dict)
