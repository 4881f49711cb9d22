"""The trailers of a promotion's commit: what was promoted, and the digests by which it can be verified. Pure.

They are the last paragraph of the message, as Git's own trailers are. Reading is strict, because an audit relies on it:
a trailer that is there twice, is missing or has an odd form makes all of them invalid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from mlgitops.promotion.branch import GROUP, Kind, branch_of

NOTHING = "none"
"""Stands where there is no environment, no release or no digest."""
LONGEST_LINE = 512
"""Characters of a trailer's value that are written."""

_PREFIX = "Mlgitops-"
PROMOTION_LINE = f"{_PREFIX}Promotion-Id: "
"""How a line begins that every message with our trailers has."""
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
    "Group": GROUP,
}
_OPTIONAL = ("Group",)
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (.*)")


@dataclass(frozen=True, slots=True)
class Trailers:
    """What a commit of ours says about itself.

    ``source`` and ``target`` are environments; ``source`` is empty for a release that comes from training. Digests are
    ``sha256:…``, empty for none. ``gates`` has each gate's name and verdict. ``actor`` is who asked for it, empty where
    a forge squashed it, and ``signed_off_by`` ``NAME <MAIL>``. ``group`` is ``LABEL=VALUE`` where models that share a
    label travel together.
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
    group: str = ""

    @property
    def branch(self) -> str:
        """The branch on which it was proposed. Raises ``ValueError`` where names cannot be part of a branch's."""
        return branch_of(self.change, self.target, self.model, self.group)

    @property
    def claims(self) -> Trailers:
        """The same without who asked for it: what two runs about the same thing agree on."""
        return replace(self, actor="", signed_off_by="")


def message(subject: str, body: str, trailers: Trailers) -> str:
    """A commit's message. Nothing in it can add a trailer or a line of its own."""
    told = "\n".join(_indented(_line(line)) for line in body.splitlines())
    return "\n\n".join([_line(subject), *([told] if told else []), "\n".join(written(trailers))]) + "\n"


def parse(message: str) -> Trailers | None:
    """The trailers of a message; None where it has none of ours.

    Raises ``ValueError`` naming the trailer that is missing, twice or of an odd form.
    """
    ours = _ours(message)
    return _parsed(ours[-1]) if ours else None


def parse_all(message: str) -> list[Trailers]:
    """All trailers of ours in a message, in the order in which they stand there.

    A commit of ours has them once. One that a forge squashed has those of all that it was made of, wherever the forge
    put what the commits or the pull request said. Raises ``ValueError`` where the last ones are not valid.
    """
    ours = _ours(message)
    if not ours:
        return []
    found = []
    for paragraph in ours[:-1]:
        with suppress(ValueError):
            found.append(_parsed(paragraph))
    return [*found, _parsed(ours[-1])]


def last_paragraph(message: str) -> list[tuple[str, str]]:
    """The trailers that end a message, as Git finds them: its last paragraph, unless that is the subject."""
    paragraphs = _paragraphs(message)
    return paragraphs[-1] if paragraphs else []


def written(trailers: Trailers) -> Iterator[str]:
    """The trailers' lines."""
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
    if trailers.group:
        yield f"{_PREFIX}Group: {_line(trailers.group)}"
    if trailers.signed_off_by:
        yield f"Signed-off-by: {_line(trailers.signed_off_by)[:LONGEST_LINE]}"


def _paragraphs(message: str) -> list[list[tuple[str, str]]]:
    """The trailers in each paragraph after the subject."""
    parts = [part for part in re.split(r"\n[ \t]*\n", message.replace("\r\n", "\n").strip("\n")) if part.strip()]
    found = [[_LINE.fullmatch(line) for line in part.split("\n")] for part in parts[1:]]
    return [[(match[1], match[2].strip()) for match in paragraph if match] for paragraph in found]


def _ours(message: str) -> list[list[tuple[str, str]]]:
    """The paragraphs that have a trailer of ours."""
    return [found for found in _paragraphs(message) if any(key.startswith(_PREFIX) for key, _ in found)]


def _parsed(paragraph: list[tuple[str, str]]) -> Trailers:
    values: dict[str, str] = {}
    for key, value in paragraph:
        if key in values and key.startswith(_PREFIX):
            raise ValueError(f"{key} is there twice")
        values.setdefault(key, value)
    known = {key.removeprefix(_PREFIX): value for key, value in values.items() if key.startswith(_PREFIX)}
    for name, form in _FORMS.items():
        if name in _OPTIONAL and name not in known:
            continue
        if not re.fullmatch(form, known.get(name, "")):
            raise ValueError(f"{_PREFIX}{name} is {'of an odd form' if name in known else 'missing'}")
    return _read(known, values.get("Signed-off-by", ""))


def _read(values: Mapping[str, str], signed_off_by: str) -> Trailers:
    known = {name: "" if value == NOTHING else value for name, value in values.items()}
    gates = tuple(
        (name, verdict) for name, _, verdict in (g.partition("=") for g in known["Gates"].split(", ")) if name
    )
    return Trailers(
        known["Promotion-Id"], Kind(known["Change"]), known["Model"], known["From"], known["To"],
        known["Release-Digest"], known["Evidence-Digest"], known["Plan-Digest"], gates, known["Actor"], signed_off_by,
        known.get("Group", ""),
    )  # fmt: skip


def _line(text: str) -> str:
    """The text without line ends and the like."""
    return "".join(character if character.isprintable() else "?" for character in text).strip()


def _indented(line: str) -> str:
    """What somebody wrote, so that it is no trailer of ours."""
    return f" {line}" if line.startswith(_PREFIX) else line


def _word(text: str) -> str:
    return re.sub(r"[^-a-z0-9]", "-", text.lower()).strip("-") or "x"
