"""Which kind of job a Target trains with: by the component that it declares, and by the framework. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlgitops.spec.pipeline import Training
    from mlgitops.spec.target import Components

TRAIN_JOB = "TrainJob"
V1_KINDS = {"pytorch": "PyTorchJob", "tensorflow": "TFJob", "xgboost": "XGBoostJob"}
"""Kinds of Training Operator 1.x by framework."""


def uses_training_operator(components: Components) -> bool:
    """Whether trainings are jobs of Training Operator v1: where it is declared and Kubeflow Trainer is not."""
    return components.trainer is None and components.training_operator is not None


def job_kind(training: Training, components: Components) -> str:
    """The kind of a training's job: one of ``V1_KINDS``, else ``TrainJob``, whose runtime says the framework."""
    return V1_KINDS[training.framework] if uses_training_operator(components) else TRAIN_JOB
