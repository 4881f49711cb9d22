"""Notifications of a cause as those take them who are told: plain JSON, Slack and Microsoft Teams. Pure.

All words go where nothing is markup, a mention or a link: plain_text in Slack, TextRun in Teams.

Sources: Slack, "Block Kit reference" (header 150, section 3,000 characters) and "Incoming webhooks"; Microsoft, "Create
an Incoming Webhook" and the schema of Adaptive Cards 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlgitops.response.cause import Signal
from mlgitops.response.ledger import Known
from mlgitops.response.policy import command
from mlgitops.response.words import at, lines, plain, title

FORMAT_VERSION = "1.0"
_LINK = re.compile(r"https?://[A-Za-z0-9][-A-Za-z0-9.:/_~%+,=]*")


def notice(form: str, known: Known, action: str, *, ended: bool) -> dict[str, Any]:
    """The body in one of the formats ``webhook``, ``slack`` and ``teams``."""
    head = f"Over: {title(known.cause)}" if ended else title(known.cause)
    told = [] if ended else list(lines(known, action))
    url = known.url if _LINK.fullmatch(known.url) else ""
    if form == "slack":
        return _slack(head, told, url)
    return _teams(head, told, url) if form == "teams" else webhook(known, action, ended=ended)


def identifier(known: Known, *, ended: bool) -> str:
    """The same whenever the same thing is told: whoever gets it twice can tell."""
    return f"{known.cause.id}-{known.times}-{'ended' if ended else 'began'}"


def webhook(known: Known, action: str, *, ended: bool) -> dict[str, Any]:
    """Everything as data."""
    cause, wanted = known.cause, known.action or action
    return {
        "formatVersion": FORMAT_VERSION,
        "id": identifier(known, ended=ended),
        "event": "ended" if ended else "began",
        "title": title(cause),
        "signal": cause.signal.value,
        "alert": "" if cause.signal in (Signal.ROLLOUT_ABORTED, Signal.ROLLOUT_COMPLETED) else cause.name,
        "environment": cause.environment,
        "model": cause.model,
        "version": cause.version,
        "targets": sorted(known.targets),
        "since": at(known.since),
        "ended": at(known.ended) if ended and known.ended else None,
        "reason": plain(known.reason),
        "values": [{"name": plain(one.name, 100), "value": one.value} for one in known.values],
        "response": {
            "action": wanted,
            "pullRequest": known.url,
            "command": command(cause, wanted),
            "problem": plain(known.problem),
        },
    }


def _slack(head: str, told: list[str], url: str) -> dict[str, Any]:
    blocks: list[Mapping[str, Any]] = [{"type": "header", "text": _text(head, 150)}]
    if told:
        blocks.append({"type": "section", "text": _text("\n".join(told), 3000)})
    if url:
        button = {"type": "button", "text": _text("Pull request", 75), "url": url}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": _escaped(head), "blocks": blocks, "link_names": False, "unfurl_links": False}


def _text(text: str, longest: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:longest], "emoji": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(head: str, told: list[str], url: str) -> dict[str, Any]:
    body = [_run(head, weight="Bolder", size="Medium"), *(_run(line) for line in told)]
    actions = [{"type": "Action.OpenUrl", "title": "Pull request", "url": url}] if url else []
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": actions,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text[:1000], **style}]}
