"""Health of what starts runs: CronWorkflow of Argo, CronJob."""

from __future__ import annotations

from mlgitops.manifest import Manifest
from mlgitops.plan.health.fields import block, conditions, is_true, number, text, words
from mlgitops.plan.health.state import Health, failed, ready, suspended

_ERRORS = ("SpecError", "SubmissionError")


def cron_workflow(manifest: Manifest) -> Health:
    """A CronWorkflow: ready as soon as it is accepted. Runs that failed are a note, since it says not which."""
    found, status = conditions(manifest), block(manifest, "status")
    if block(manifest, "spec").get("suspend") is True:
        return suspended("spec.suspend is set")
    if text(status, "phase") == "Stopped":
        return suspended("its stop strategy stopped it")
    wrong = [found[name] for name in _ERRORS if is_true(found.get(name))]
    if wrong:
        return failed("; ".join(map(words, wrong)))
    failures, successes = number(status, "failed"), number(status, "succeeded")
    note = f"{failures} of {failures + successes} runs failed" if failures else ""
    return ready(note, text(status, "lastScheduledTime"))


def cron_job(manifest: Manifest) -> Health:
    """A CronJob: ready as soon as it is there."""
    if block(manifest, "spec").get("suspend") is True:
        return suspended("spec.suspend is set")
    return ready(since=text(block(manifest, "status"), "lastScheduleTime"))
