"""Rules about Secrets that an ExternalSecret makes: from which store, with which keys, and only one maker. Pure.

Bounds as in the CRD of the External Secrets Operator (v0.16.2, ``externalsecrets.external-secrets.io``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlgitops.check import components
from mlgitops.finding import Finding
from mlgitops.spec.fields import ExternalKey, SecretKey
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolve import Resolution, all_resolved
from mlgitops.spec.resolved import Resolved, ResolvedModel
from mlgitops.spec.secret_keys import external_keys

OLDEST = "0.5"
"""The first with ``external-secrets.io/v1beta1``."""
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


def check(resolved: Resolved) -> Iterator[Finding]:
    """Findings about the Secrets of a model or pipeline that come from outside of the cluster."""
    keys = external_keys(resolved.spec)
    if not keys:
        return
    first = keys[0][0]
    yield from components.check(resolved, first, "externalSecrets", OLDEST, "a Secret from outside")
    if resolved.place.spec.secret_store is None:
        target = resolved.place.target
        yield resolved.finding(
            "secret-store-missing", first, f"target {target} does not say from which store Secrets are fetched",
            help=f"set spec.secretStore in targets/{target}.yaml to a ClusterSecretStore or SecretStore that is there",
        )  # fmt: skip
    yield from _keys(resolved, keys)


def _keys(resolved: Resolved, keys: list[tuple[Pointer, SecretKey]]) -> Iterator[Finding]:
    fetched: dict[tuple[str, str], ExternalKey | None] = {}
    for pointer, one in keys:
        if not _KEY.fullmatch(one.key):
            yield resolved.finding(
                "secret-key-invalid", (*pointer, "key"), f"'{one.key}' cannot be a key of a Secret",
                help="use letters, digits and -._ only; what the store calls it stands in external.key",
            )  # fmt: skip
        if fetched.setdefault((one.secret, one.key), one.external) != one.external:
            yield resolved.finding(
                "external-secret-differs", (*pointer, "external"),
                f"key {one.key} of Secret {one.secret} is fetched from two places",
                help="write the same external for both, or name another Secret",
            )  # fmt: skip


def check_environment(resolution: Resolution) -> Iterator[Finding]:
    """Findings where two models or pipelines at one target would make the same Secret."""
    makers: dict[tuple[str, str], Resolved] = {}
    for resolved in all_resolved(resolution):
        for pointer, one in external_keys(resolved.spec):
            maker = makers.setdefault((resolved.place.target, one.secret), resolved)
            if maker is not resolved:
                yield resolved.finding(
                    "external-secret-shared", (*pointer, "secret"),
                    f"Secret {one.secret} is made for {_named(maker)} already, at target {resolved.place.target}",
                    help="leave external out here, since the Secret is there then; or name another Secret",
                )  # fmt: skip


def _named(resolved: Resolved) -> str:
    return f"{'model' if isinstance(resolved, ResolvedModel) else 'pipeline'} {resolved.name}"
