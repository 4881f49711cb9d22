"""What looks like a secret in a spec, and how a line of a spec is shown without it. Pure.

Two uses: a literal secret in a spec is refused (``looks_secret``), and an excerpt in a finding never prints one
(``mask``, ``mask_line_of``). A guess errs towards masking: what is hidden in an excerpt is still in the user's file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MASK = "***"
LOOK_BACK = 400
"""Lines above a line that are looked at to judge it."""
_BESIDE = 5  # lines above a value within which the name beside it stands

_SECRET_ENDINGS = frozenset(
    "password passwd passphrase pwd secret token credential credentials apikey accesskey secretkey privatekey"
    " signingkey accountkey sharedkey encryptionkey connectionstring dsn authorization cookie sastoken pat".split()
)
_KEY_PREFIXES = frozenset("api access secret private signing account shared encryption".split())
_OBJECT_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_REFERENCE = re.compile(
    r"(?i)\$\{[^}]*\}|\$\([^)]*\)|\{\{.*\}\}|<[^<>]*>|(?:vault|secretref|secret|arn|projects)[:/].*"
)

_KNOWN_TOKENS = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "a GitLab token": r"\bgl(?:pat|ptt|dt|rt|soat|cbt)-[\w-]{16,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[\w-]{10,}",
    "an API key": r"\b[sr]k[-_](?=[\w-]{0,99}[0-9])(?=[\w-]{0,99}[A-Z])[\w-]{20,}|\bAIza[\w-]{30,}",
    "a JSON web token": r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.?[\w-]*",
    "an authorisation header": r"\b(?:Bearer|Basic)\s+[\w.+/=~-]{12,}",
    "a key in a connection string": (
        r"(?i:(?P<kept>\b(?:(?:Account|SharedAccess)(?:Key|Signature)|Password|Pwd)\s*=))[^;\s\"']+"
    ),
    "a signature in a URL": (
        r"(?i:(?P<kept>[?&](?:sig|X-(?:Amz|Goog)-(?:Signature|Credential)|(?:access_)?token)=))[^&\s\"']+"
    ),
}
_TOKENS = [(what, re.compile(pattern)) for what, pattern in _KNOWN_TOKENS.items()]
_URL_LOGIN = re.compile(r"(?i)(?<![a-z0-9+.-])(?P<scheme>[a-z][a-z0-9+.-]{0,20})://(?P<login>[^\s/?#\"']+)@")
_KEY_AND_VALUE = re.compile(r"(?<![\w.-])(?P<quote>[\"']?)(?P<key>[\w.-]+)(?P=quote)\s*[:=]\s*(?=\S)")
_NAME = re.compile(r"(?<![\w.-])([\"']?)name\1\s*:\s*[\"']?(?P<name>[\w.-]+)")
_VALUE = re.compile(r"(?<![\w.-])([\"']?)value\1\s*:\s*")
_ENTRY = re.compile(r"(?P<indent>\s*(?:- +)*)(?P<quote>[\"']?)(?P<key>[^\s\"':#]+)(?P=quote)\s*:(?:\s+(?P<value>.*))?$")


def is_secret_key(key: str) -> bool:
    """Whether a key's last words name a secret: ``dbPassword``, ``API_KEY`` do; ``secretName``, ``maxTokens`` not."""
    words = _words(key)
    if not words:
        return False
    *before, last = words
    if last in _SECRET_ENDINGS:
        return True
    return bool(before) and ((last == "key" and before[-1] in _KEY_PREFIXES) or words[-2:] == ["connection", "string"])


def _words(key: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(key)]


def _is_reference(key: str, text: str) -> bool:
    """Whether a value only says where the secret is: a placeholder, or a Secret's name under the key ``secret``."""
    if _REFERENCE.fullmatch(text):
        return True
    words = _words(key)
    names_an_object = words in (["secret"], ["credential"], ["credentials"]) or words[-2:] == ["pull", "secret"]
    return names_an_object and _OBJECT_NAME.fullmatch(text) is not None


def looks_secret(key: str, value: Any) -> str | None:
    """Why ``value`` under ``key`` looks like a literal secret, as words that complete "this looks like ..."; or None.

    For an item of an environment list (``name``, ``value``) pass the item's name as the key. References to a secret
    (``${VAR}``, ``vault:...``, ``<placeholder>``, ``secret: minio-login``) are not secrets.
    """
    if value is None or isinstance(value, bool | dict | list):
        return None
    text = str(value)
    if (token := _known_token(text)) is not None:
        return token
    if is_secret_key(key) and text.strip() and not _is_reference(key, text.strip()):
        return f"a literal value of {key!r}"
    return None


def _known_token(text: str) -> str | None:
    for what, pattern in _TOKENS:
        if pattern.search(text):
            return what
    return "a login in a URL" if any(map(_is_secret_login, _URL_LOGIN.finditer(text))) else None


def _is_secret_login(match: re.Match[str]) -> bool:
    """Whether the part before ``@`` holds a secret: any for https, a password for the rest (not ``ssh://git@host``)."""
    return ":" in match["login"] or match["scheme"].lower() in ("http", "https")


def mask(line: str) -> str:
    """One line of text without what looks like a secret; the text before a secret, and so its column, is kept."""
    line = _URL_LOGIN.sub(lambda m: f"{m['scheme']}://{MASK}@" if _is_secret_login(m) else m[0], line)
    for _, pattern in _TOKENS:
        line = pattern.sub(lambda match: f"{match.groupdict().get('kept', '')}{MASK}", line)
    for entry in _KEY_AND_VALUE.finditer(line):
        if is_secret_key(entry["key"]):
            return line[: entry.end()] + MASK
    return line


def mask_line_of(lines: Sequence[str], index: int) -> str:
    """``lines[index]`` masked, judged also by the lines around it.

    Hidden whole are: the inside of a private key, text that continues a secret key's value on further lines, and the
    ``value`` beside a ``name`` that is a secret key.
    """
    line = lines[index]
    if _in_private_key(lines, index) or _under_secret_key(lines, index):
        return _hide(line)
    value = _VALUE.search(line)
    if value and _beside_secret_name(lines, index):
        return line[: value.end()] + MASK
    return mask(line)


def _hide(line: str) -> str:
    entry = _ENTRY.match(line)
    start = entry.start("value") if entry and entry["value"] else len(line) - len(line.lstrip())
    return line[:start] + MASK


def _in_private_key(lines: Sequence[str], index: int) -> bool:
    for line in reversed(lines[max(0, index - LOOK_BACK) : index]):
        if "-----" in line:
            return "-----BEGIN" in line and "PRIVATE KEY" in line
    return False


def _under_secret_key(lines: Sequence[str], index: int) -> bool:
    """Whether a key above, less indented at each step up, is a secret key whose value goes on over lines."""
    indent = _indent(lines[index])
    for line in reversed(lines[max(0, index - LOOK_BACK) : index]):
        if indent == 0:
            return False
        if not line.strip() or _indent(line) >= indent:
            continue
        indent = _indent(line)
        entry = _ENTRY.match(line)
        if entry and is_secret_key(entry["key"]) and not _holds_entries(entry, lines[index]):
            return True
    return False


def _holds_entries(parent: re.Match[str], line: str) -> bool:
    """Whether ``parent`` is a mapping of further keys (``secret:`` above ``name: x``), which is no secret itself."""
    return not parent["value"] and _ENTRY.match(line) is not None


def _beside_secret_name(lines: Sequence[str], index: int) -> bool:
    """Whether a ``name`` on the line, the next one, or the nearest above that has one, is a secret key."""
    above = next((line for line in reversed(lines[max(0, index - _BESIDE) : index]) if _NAME.search(line)), "")
    names = (match["name"] for line in (above, *lines[index : index + 2]) for match in _NAME.finditer(line))
    return any(map(is_secret_key, names))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
