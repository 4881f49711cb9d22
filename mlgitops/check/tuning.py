"""Rules about a search of parameters. Pure.

They hold what Katib refuses (v0.19.0): its webhook (``pkg/webhook/v1beta1/experiment/validator``) and, an Experiment
later, its algorithms (``ValidateAlgorithmSettings`` of the services in ``pkg/suggestion/v1beta1``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from mlgitops.check import components, tuning_space
from mlgitops.check.graph import repeated
from mlgitops.finding import Finding
from mlgitops.spec.pipeline import Training
from mlgitops.spec.placeholders import ParameterUse, TuningUse, parts, texts
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.training_jobs import TRAIN_JOB, job_kind
from mlgitops.spec.tuning import Tuning

OLDEST_KATIB = "0.17"
OLDEST_KATIB_FOR_TRAIN_JOBS = "0.19"
"""The first that knows TrainJobs as trials (its ``DefaultTrainJobPrimaryPodLabels``)."""
KATIBS_OWN = "${trialParameters."
_WRITTEN_BY_NAME_AND_VALUE = frozenset("./")
"""What Katib's own pattern of a metric's name, letters, digits and ``_|-``, does not find."""


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about a pipeline's tuning."""
    tuning, training = resolved.spec.tuning, resolved.spec.training
    if tuning is None:
        return
    if training is None or resolved.spec.is_workflow:
        yield resolved.finding(
            "tuning-of-training-alone", ("tuning",), "a search runs the training of a pipeline that has no steps",
            help="add training" if training is None else "move tuning and training to a pipeline of their own",
        )  # fmt: skip
        return
    yield from _katib(resolved, training, tuning)
    yield from repeated(resolved, ("tuning", "parameters"), "tuning-parameter", [p.name for p in tuning.parameters])
    yield from tuning_space.check(resolved, tuning)
    yield from _trials(resolved, tuning)
    yield from _metrics(resolved, tuning)
    yield from _hyperband(resolved, tuning)
    yield from _uses(resolved, training, tuning)


def _katib(resolved: ResolvedPipeline, training: Training, tuning: Tuning) -> Iterator[Finding]:
    train_job = job_kind(training, resolved.place.spec.components) == TRAIN_JOB
    oldest, need = (OLDEST_KATIB_FOR_TRAIN_JOBS, "tuning with TrainJobs") if train_job else (OLDEST_KATIB, "tuning")
    yield from components.check(resolved, ("tuning",), "katib", oldest, need)
    if resolved.place.spec.components.katib is None:
        return
    if tuning.metrics.collector == "Push":
        at: Pointer = ("tuning", "metrics", "collector")
        yield from components.check(resolved, at, "katib", "0.18", "metrics that the training reports itself")
    for index, parameter in enumerate(tuning.parameters):
        if parameter.distribution != "uniform":
            at = ("tuning", "parameters", index, "distribution")
            yield from components.check(resolved, at, "katib", "0.18", "a distribution other than uniform")


def _trials(resolved: ResolvedPipeline, tuning: Tuning) -> Iterator[Finding]:
    for field in ("parallel", "failed"):
        if (count := getattr(tuning.trials, field)) > tuning.trials.max:
            yield resolved.finding(
                "too-many-trials", ("tuning", "trials", field),
                f"{field} {count} is more than max {tuning.trials.max}, which Katib refuses",
                help=f"raise trials.max, or lower trials.{field}",
            )  # fmt: skip


def _metrics(resolved: ResolvedPipeline, tuning: Tuning) -> Iterator[Finding]:
    metrics, objective = tuning.metrics, tuning.objective
    if objective.metric in objective.additional_metrics:
        yield resolved.finding(
            "metric-twice", ("tuning", "objective", "additionalMetrics"),
            f"{objective.metric} is the objective's metric already", help="remove it here",
        )  # fmt: skip
    if (metrics.collector in ("File", "TensorFlowEvent")) != (metrics.path is not None):
        without = metrics.path is None
        yield resolved.finding(
            "metrics-path", ("tuning", "metrics", "collector" if without else "path"),
            f"collector {metrics.collector} {'needs the path' if without else 'reads no path'}",
            help="add metrics.path" if without else "remove metrics.path",
        )  # fmt: skip
    if metrics.format == "JSON" and (metrics.filters or metrics.collector != "File"):
        yield resolved.finding(
            "metrics-format", ("tuning", "metrics", "format"),
            "format JSON is for collector File without filters", help="remove format",
        )  # fmt: skip
    yield from _filters(resolved, tuning)


def _filters(resolved: ResolvedPipeline, tuning: Tuning) -> Iterator[Finding]:
    for index, pattern in enumerate(tuning.metrics.filters):
        if pattern.count("(") < 2 or pattern.count(")") < 2:
            yield resolved.finding(
                "metrics-filter", ("tuning", "metrics", "filters", index),
                "a filter has two groups in parentheses: the metric's name and its value",
                help=r"such as ([\w|-]+)\s*=\s*([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?)",
            )  # fmt: skip
    printed = tuning.metrics.collector in ("StdOut", "File") and tuning.metrics.format == "TEXT"
    if printed and not tuning.metrics.filters and _WRITTEN_BY_NAME_AND_VALUE & set(tuning.objective.metric):
        yield resolved.finding(
            "metrics-filter", ("tuning", "objective", "metric"),
            "Katib finds NAME=VALUE only where the name has letters, digits and _|- alone",
            help="add metrics.filters with a pattern that finds this name, or have the training print another",
        )  # fmt: skip


def _hyperband(resolved: ResolvedPipeline, tuning: Tuning) -> Iterator[Finding]:
    """As ``hyperband/service.py``: it needs two settings, and as many trials at once as its first bracket has."""
    if tuning.algorithm.name != "hyperband":
        return
    settings = tuning.algorithm.settings
    names = {parameter.name for parameter in tuning.parameters}
    most = _positive(settings.get("r_l"))
    if most is None or settings.get("resource_name") not in names:
        yield resolved.finding(
            "hyperband-settings", ("tuning", "algorithm"),
            "hyperband needs r_l, the most of a resource, and resource_name, the parameter that is this resource",
            help="add algorithm.settings, such as r_l: 9 and resource_name: epochs, with parameter epochs",
        )  # fmt: skip
        return
    eta = int(_positive(settings.get("eta")) or 3)
    needed = math.ceil(eta ** int(math.log(most) / math.log(eta))) if eta > 1 and most >= 1 else 1
    if tuning.trials.parallel < needed:
        yield resolved.finding(
            "hyperband-settings", ("tuning", "trials"), f"hyperband starts with {needed} trials at once",
            help=f"set trials.parallel to {needed} or more, or lower r_l",
        )  # fmt: skip


def _positive(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if number > 0 and math.isfinite(number) else None


def _uses(resolved: ResolvedPipeline, training: Training, tuning: Tuning) -> Iterator[Finding]:
    """Katib refuses a parameter that no trial uses, and would read its own placeholders in what the user wrote."""
    searched = {parameter.name for parameter in tuning.parameters}
    used: set[str] = set()
    for place, text in texts(training):
        used |= {part.name for part in parts(text) if isinstance(part, TuningUse | ParameterUse)}
        if KATIBS_OWN in text:
            yield resolved.finding(
                "trial-placeholder",
                ("training", *place),
                f"'{KATIBS_OWN}' is Katib's own",
                help="write {{tuning.NAME}}",
            )
    for index, parameter in enumerate(tuning.parameters):
        if parameter.name not in used & searched:
            yield resolved.finding(
                "tuning-parameter-unused", ("tuning", "parameters", index, "name"),
                f"the training does not use '{parameter.name}', so that every trial would be the same",
                help=f"write {{{{tuning.{parameter.name}}}}} into command, args or env of the training",
            )  # fmt: skip
    if tuning.metrics.collector != "Push" and not training.command:
        yield resolved.finding(
            "tuning-command-missing", ("training",),
            "Katib runs the training within a shell, to read what it writes, and needs to know its command",
            help="add training.command, which is that of the image where nothing else was meant",
        )  # fmt: skip
