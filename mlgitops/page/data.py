"""The snapshot as JSON, from the same data and by the same words as the verbs that give each part of it. Pure."""

from __future__ import annotations

import json as standard
from dataclasses import asdict
from typing import Any

from mlgitops.page.model import Candidate, Snapshot, Stage, Subject
from mlgitops.plan.change import Plan
from mlgitops.promotion import columns
from mlgitops.report import inert, status
from mlgitops.report.plan import totals
from mlgitops.spec.secrets import mask

FORMAT_VERSION = "1.0"


def json(snapshot: Snapshot) -> str:
    """``formatVersion``, where and when, then environments and what runs in them. Values of secrets are not in it."""
    return inert.json_line({
        "formatVersion": FORMAT_VERSION,
        "project": snapshot.project,
        "commit": snapshot.commit,
        "takenAt": snapshot.taken_at,
        "version": snapshot.version,
        "environments": [_stage(one) for one in snapshot.stages],
        "subjects": [_subject(one) for one in snapshot.subjects],
        "audit": asdict(snapshot.audit) if snapshot.audit else None,
        "notes": list(snapshot.notes),
    }) + "\n"  # fmt: skip


def _stage(stage: Stage) -> dict[str, Any]:
    found = standard.loads(status.json([stage.status]))["environments"][0]["targets"] if stage.status else []
    return {
        "environment": stage.name,
        "sources": list(stage.sources),
        "places": [asdict(one) for one in stage.places],
        "targets": found,
        "plan": _plan(stage.plan) if stage.plan else None,
        "error": stage.error or stage.plan_error,
    }


def _plan(plan: Plan) -> dict[str, Any]:
    found = totals.of_plan(plan)
    actions = {action.value: number for action, number in found.actions.items()}
    return {"isEmpty": plan.is_empty, "actions": actions, "unread": [one.target for one in plan.unread]}


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "owner": subject.owner,
        "page": subject.path,
        "said": {name: asdict(one) for name, one in subject.said.items()},
        "events": [one.to_json() for one in subject.events],
        "releases": columns.to_json(subject.columns),
        "candidates": [_candidate(one) for one in subject.candidates],
        "note": subject.note,
    }


def _candidate(one: Candidate) -> dict[str, Any]:
    gates = [{name: mask(str(value)) for name, value in asdict(gate).items()} for gate in one.gates]
    return {**asdict(one), "gates": gates}
