"""The trailers of a promotion's commit: what was promoted, and the digests by which it can be verified. Pure.

They are the last paragraph of the message, as Git's own trailers are. Reading is strict, because an audit relies on it:
a trailer that is there twice, is missing or has an odd form makes all of them invalid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlgitops.promotion.branch import Kind

NOTHING = "none"
"""Stands where there is no environment, no release or no digest."""
LONGEST_LINE = 512
"""Characters of a trailer's value that are written."""

_PREFIX = "Mlgitops-"
_NAME = r"[a-z]([-a-z0-9]{0,50}[a-z0-9])?"
_DIGEST = rf"sha256:[0-9a-f]{{64}}|{NOTHING}"
_FORMS: Mapping[str, str] = {
    "Promotion-Id": r"[0-9a-f]{16}",
    "Change": "|".join(Kind),
    "Model": _NAME,
    "From": rf"{_NAME}|{NOTHING}",
    "To": _NAME,
    "Release-Digest": _DIGEST,
    "Evidence-Digest": _DIGEST,
    "Plan-Digest": _DIGEST,
    "Gates": rf"{NOTHING}|[a-z0-9][-a-z0-9]*=[a-z]+(, [a-z0-9][-a-z0-9]*=[a-z]+)*",
    "Actor": r".+",
}
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")


@dataclass(frozen=True, slots=True)
class Trailers:
    """What a commit of ours says about itself.

    ``source`` and ``target`` are environments; ``source`` is empty for a release that comes from training. Digests are
    ``sha256:…``, empty for none. ``gates`` has each gate's name and verdict. ``actor`` is who asked for it, and
    ``signed_off_by`` ``NAME <MAIL>``.
    """

    promotion_id: str
    change: Kind
    model: str
    source: str
    target: str
    release_digest: str
    evidence_digest: str
    plan_digest: str
    gates: tuple[tuple[str, str], ...]
    actor: str
    signed_off_by: str = ""

    @property
    def claims(self) -> Trailers:
        """The same without who asked for it: what two runs about the same thing agree on."""
        return Trailers(
            self.promotion_id, self.change, self.model, self.source, self.target, self.release_digest,
            self.evidence_digest, self.plan_digest, self.gates, "",
        )  # fmt: skip


def message(subject: str, body: str, trailers: Trailers) -> str:
    """A commit's message. Nothing in it can add a trailer or a line of its own."""
    parts = [_line(subject), *(["\n".join(_line(line) for line in body.splitlines())] if body else [])]
    return "\n\n".join([*parts, "\n".join(_written(trailers))]) + "\n"


def parse(message: str) -> Trailers | None:
    """The trailers of a message; None where it has none of ours.

    Raises ``ValueError`` naming the trailer that is missing, twice or of an odd form.
    """
    values: dict[str, str] = {}
    for key, value in _last_paragraph(message):
        if key in values and key.startswith(_PREFIX):
            raise ValueError(f"{key} is there twice")
        values.setdefault(key, value)
    if not any(key.startswith(_PREFIX) for key in values):
        return None
    for name, form in _FORMS.items():
        if not re.fullmatch(form, values.get(_PREFIX + name, "")):
            raise ValueError(f"{_PREFIX}{name} is {'of an odd form' if _PREFIX + name in values else 'missing'}")
    return _read({name: values[_PREFIX + name] for name in _FORMS}, values.get("Signed-off-by", ""))


def _written(trailers: Trailers) -> Iterator[str]:
    gates = ", ".join(f"{_word(name)}={_word(verdict)}" for name, verdict in trailers.gates)
    values = {
        "Promotion-Id": trailers.promotion_id,
        "Change": trailers.change.value,
        "Model": trailers.model,
        "From": trailers.source,
        "To": trailers.target,
        "Release-Digest": trailers.release_digest,
        "Evidence-Digest": trailers.evidence_digest,
        "Plan-Digest": trailers.plan_digest,
        "Gates": gates,
        "Actor": _line(trailers.actor)[:LONGEST_LINE],
    }
    for name, value in values.items():
        yield f"{_PREFIX}{name}: {value or NOTHING}"
    if trailers.signed_off_by:
        yield f"Signed-off-by: {_line(trailers.signed_off_by)[:LONGEST_LINE]}"


def _read(values: Mapping[str, str], signed_off_by: str) -> Trailers:
    known = {name: "" if value == NOTHING else value for name, value in values.items()}
    gates = tuple(
        (name, verdict) for name, _, verdict in (g.partition("=") for g in known["Gates"].split(", ")) if name
    )
    return Trailers(
        known["Promotion-Id"], Kind(known["Change"]), known["Model"], known["From"], known["To"],
        known["Release-Digest"], known["Evidence-Digest"], known["Plan-Digest"], gates, values["Actor"], signed_off_by,
    )  # fmt: skip


def _last_paragraph(message: str) -> list[tuple[str, str]]:
    """The trailers that end a message, as Git finds them: its last paragraph, unless that is the subject."""
    paragraphs = [part for part in re.split(r"\n[ \t]*\n", message.replace("\r\n", "\n").strip("\n")) if part.strip()]
    if len(paragraphs) < 2:
        return []
    found = (_LINE.fullmatch(line) for line in paragraphs[-1].split("\n"))
    return [(match[1], match[2].strip()) for match in found if match]


def _line(text: str) -> str:
    """The text without line ends and the like."""
    return "".join(character if character.isprintable() else "?" for character in text).strip()


def _word(text: str) -> str:
    return re.sub(r"[^-a-z0-9]", "-", text.lower()).strip("-") or "x"
