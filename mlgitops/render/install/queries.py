"""The controller's own metrics as PromQL asks for them. Pure.

Their names and labels are those of ``mlgitops.controller.metrics``, which a test holds them against. Only the replica
that leads tells of targets, and which one that is changes, so that every query takes the most over the replicas.
"""

from __future__ import annotations

from mlgitops.render.install.installation import Installation
from mlgitops.render.install.scraping import JOB

BY_TARGET = "environment, target"
BY_ENVIRONMENT = "environment"


def metric(installation: Installation, name: str, **matchers: str) -> str:
    """The series of this controller; ``result="failed"`` picks some, ``result="~a|b"`` those that fit a pattern."""
    wanted = {"job": JOB, "namespace": installation.namespace, **matchers}
    chosen = [
        f'{label}=~"{text[1:]}"' if text.startswith("~") else f'{label}="{text}"' for label, text in wanted.items()
    ]
    return f"{name}{{{','.join(chosen)}}}"


def most(series: str, by: str = "") -> str:
    """The greatest value over the replicas, for each of the labels."""
    return f"max by ({by}) ({series})" if by else f"max({series})"


def stands(installation: Installation, *words: str) -> str:
    """1 for each target whose last result was one of these words, and 0 for the others."""
    return most(metric(installation, "mlgitops_target_result", result="~" + "|".join(words)), BY_TARGET)
