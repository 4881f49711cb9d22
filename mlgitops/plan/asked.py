"""What a person asked for on the command line, before it is known whether it is there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """Names of environments, targets, models and objects (``KIND/NAME``); an empty part means all of them."""

    environments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
