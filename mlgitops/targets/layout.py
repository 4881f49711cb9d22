"""Where each object's file is within a directory target. Pure functions.

``<namespace>/<kind>.<group>_<name>.yaml``, all in lower case, so that file systems that ignore case cannot merge two
objects; objects without a namespace are in ``_cluster``. Other characters are written as ``%`` and two hexadecimal
digits, so that different objects have different files and no name can leave the directory.
"""

from __future__ import annotations

import hashlib
import re

from mlgitops.manifest import Identity

CLUSTER = "_cluster"
SUFFIX = ".yaml"
_LONGEST = 200  # of 255 bytes that file systems take, leaving room for the suffix
_ODD = re.compile(rb"[^a-z0-9.-]|^\.")


def relative_path(identity: Identity) -> str:
    """The path of an object's file, relative to the directory, with a forward slash."""
    kind = f"{identity.kind.lower()}.{identity.group}" if identity.group else identity.kind.lower()
    folder = _short(_escaped(identity.namespace)) if identity.namespace else CLUSTER
    return f"{folder}/{_short(f'{_escaped(kind)}_{_escaped(identity.name)}')}{SUFFIX}"


def _escaped(text: str) -> str:
    return _ODD.sub(lambda odd: b"%%%02x" % odd[0][0], text.encode()).decode()


def _short(stem: str) -> str:
    """A stem that is too long for a file name, cut and told apart by its digest ('~' is in no other stem)."""
    if len(stem) <= _LONGEST:
        return stem
    return f"{stem[: _LONGEST - 17]}~{hashlib.sha256(stem.encode()).hexdigest()[:16]}"
