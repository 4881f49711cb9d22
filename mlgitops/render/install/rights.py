"""What the controller may do at a target: what its manifests take, kind by kind, and not a verb more. Pure.

The rights are in namespaces and name no wildcard. An account can only give rights that it has (the API's escalation
check), so that what a rendered Role gives is the controller's too; ``escalate`` and ``bind`` would lift that check, and
are never given. Secrets are the exception to kinds: each is named, and nobody may list them, which is to read them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.render.access import Rule
from mlgitops.render.install.resources import Find
from mlgitops.targets.kubernetes.applyset import name_of

VERBS = ("create", "delete", "get", "list", "patch")
"""What plan, apply, prune and drift do with objects. Server-side apply patches, and creates what is new."""
SECRET_VERBS = tuple(verb for verb in VERBS if verb != "list")
RBAC = "rbac.authorization.k8s.io"
_SECRETS = ("", "secrets")
_GIVING = frozenset({"bind", "escalate", "impersonate"})
_LOGINS = frozenset({"secrets", "serviceaccounts/token"})


@dataclass(frozen=True)
class Held:
    """What an environment has at a target: an inventory (``PROJECT/ENVIRONMENT/TARGET``), its namespace, manifests."""

    inventory: str
    namespace: str
    manifests: Sequence[Manifest]


def rights(held: Sequence[Held], find: Find) -> dict[str, list[Rule]]:
    """By namespace what reconciling takes. Raises ``MlgitopsError`` with all that no Role in a namespace can say."""
    wrong = [f"{one.inventory}: {problem}" for one in held for problem in _problems(one, find)]
    if wrong:
        raise MlgitopsError(
            "the controller's rights cannot be derived:\n" + "\n".join(f"  {line}" for line in wrong),
            help="Have whoever owns the cluster apply these, and leave them out of the environment. Kinds that are "
            "not known are known after `mlgitops schemas import`.",
        )
    found: dict[str, list[Rule]] = defaultdict(list)
    for namespace, manifests in _by_namespace(held).items():
        found[namespace] += [*_objects(manifests, find), *_handed_on(manifests), *_told(manifests)]
    for namespace, names in _inventories(held).items():
        found[namespace] += _records(names)
    return {namespace: _merged(rules) for namespace, rules in sorted(found.items())}


def _by_namespace(held: Iterable[Held]) -> Mapping[str, list[Manifest]]:
    found: dict[str, list[Manifest]] = defaultdict(list)
    for one in held:
        for manifest in one.manifests:
            found[identity(manifest).namespace].append(manifest)
    return found


def _inventories(held: Iterable[Held]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in held:
        found[one.namespace].append(name_of(one.inventory))
    return found


def _objects(manifests: Iterable[Manifest], find: Find) -> Iterator[Rule]:
    """A rule for each group, and one for the Secrets, by name."""
    plurals: dict[str, set[str]] = defaultdict(set)
    secrets = []
    for one in map(identity, manifests):
        resource = find(one.group, one.kind)
        assert resource is not None
        if (one.group, resource.plural) == _SECRETS:
            secrets.append(one.name)
        else:
            plurals[one.group].add(resource.plural)
    for group, resources in sorted(plurals.items()):
        yield _rule(group, sorted(resources), VERBS)
    if secrets:
        yield {**_rule("", ["secrets"], SECRET_VERBS), "resourceNames": sorted(set(secrets))}


def _handed_on(manifests: Iterable[Manifest]) -> Iterator[Rule]:
    """What rendered Roles give, which only an account that has it may put into a Role."""
    for manifest in manifests:
        if identity(manifest)[:2] == (RBAC, "Role"):
            yield from _rules(manifest)


def _told(manifests: Iterable[Manifest]) -> Iterator[Rule]:
    """Events say on an InferenceService what is seen of its model; each is brought up to date, not made again."""
    if any(manifest["kind"] == "InferenceService" for manifest in manifests):
        yield _rule("", ["events"], ["create", "patch"])


def _rules(role: Manifest) -> list[Rule]:
    rules: list[Rule] = role.get("rules") or []
    return rules


def _records(names: Sequence[str]) -> Iterator[Rule]:
    """The lock, the inventory, and the Events that are the audit log; Events also say why a model is not ready."""
    for group, resource in (("", "configmaps"), ("coordination.k8s.io", "leases")):
        yield _rule(group, [resource], ["create"])
        yield {**_rule(group, [resource], ["get", "update"]), "resourceNames": sorted(names)}
    yield _rule("", ["events"], ["create", "list"])


def _rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> Rule:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Each rule once, and none that another says already."""
    unique: list[Rule] = []
    for rule in rules:
        ordered: Rule = {key: sorted(values) for key, values in sorted(rule.items())}
        if ordered not in unique:
            unique.append(ordered)
    return [rule for rule in unique if not any(_says(other, rule) for other in unique if other is not rule)]


def _says(one: Rule, other: Rule) -> bool:
    """Whether a rule allows all that another does."""
    if "resourceNames" in one and not set(other.get("resourceNames", ())) <= set(one["resourceNames"]):
        return False
    if "resourceNames" in one and "resourceNames" not in other:
        return False
    return all(set(other.get(key, ())) <= set(one.get(key, ())) for key in ("apiGroups", "resources", "verbs"))


def _problems(held: Held, find: Find) -> Iterator[str]:
    roles = {identity(manifest) for manifest in held.manifests if manifest["kind"] == "Role"}
    for manifest in held.manifests:
        one = identity(manifest)
        resource = find(one.group, one.kind)
        if resource is None:
            yield f"{one}: how the API names {one.kind} in {one.group} is not known"
        elif not resource.namespaced:
            yield f"{one} belongs to no namespace"
        elif one[:2] == (RBAC, "Role"):
            yield from (f"{one} {what}" for rule in _rules(manifest) for what in _too_much(rule))
        elif one[:2] == (RBAC, "RoleBinding"):
            yield from _unbound(one, manifest, roles)


def _too_much(rule: Rule) -> Iterator[str]:
    """What a rule gives that the controller, which would need it too, must not have."""
    if not all(isinstance(values, list) for values in rule.values()):
        yield "has a rule that is none"
        return
    if any("*" in values for values in rule.values()):
        yield "gives everything of a sort (*)"
    yield from (f"gives rights on {name}" for name in sorted(_LOGINS & set(rule.get("resources", ()))))
    yield from (f"gives the right to {verb}" for verb in sorted(_GIVING & set(rule.get("verbs", ()))))


def _unbound(one: Identity, binding: Manifest, roles: set[Identity]) -> Iterator[str]:
    given = binding.get("roleRef") or {}
    kind, name = given.get("kind"), given.get("name")
    if kind != "Role":
        yield f"{one} binds {kind}/{name}, and what that gives is not known"
    elif one._replace(kind="Role", name=str(name)) not in roles:
        yield f"{one} binds Role/{name}, which is not rendered"
