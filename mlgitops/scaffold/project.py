"""The files of a new project, by path."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping

from mlgitops.scaffold.choices import LONGEST_HOST, Choices
from mlgitops.scaffold.pipelines import pipelines
from mlgitops.scaffold.templates import text
from mlgitops.spec import json_schema

OFTEN_THERE = (".gitignore", ".pre-commit-config.yaml")
"""What a repository may have already: left as it is then, where any other file in the way is a refusal."""


def project_files(choices: Choices) -> dict[str, str]:
    """Every file of the project, with Unix line ends. The choices are those that ``choices.require`` lets pass."""
    return {
        "mlgitops.yaml": _project(choices),
        **dict(_environments(choices)),
        **dict(_targets(choices)),
        f"models/{choices.model}.yaml": text("base-model.yaml", {"model": choices.model}),
        **_first_model(choices),
        **_schemas(),
        ".gitignore": text("gitignore", {}),
        ".pre-commit-config.yaml": text("pre-commit-config.yaml", {}),
        **pipelines(choices),
    }


@functools.cache
def _schemas() -> Mapping[str, str]:
    """The files of the kinds' schemas, which are the same in every project."""
    return {f"schemas/{name}.json": json_schema.text(schema) for name, schema in json_schema.schemas().items()}


def target_name(cloud: str, environment: str) -> str:
    """How the target of a cloud in an environment is called."""
    return f"{cloud}-{environment}"


def _project(choices: Choices) -> str:
    return text(
        "mlgitops.yaml",
        {"name": choices.name, "environments": ", ".join(choices.environments), "forge": _forge(choices)},
    )


def _forge(choices: Choices) -> str:
    if choices.forge == "local":
        block = text("forge-local.yaml", {"name": choices.name})
    else:
        url = f"    url: {_scalar(choices.forge_url)}\n" if choices.forge_url else ""
        values = {"kind": choices.forge_kind, "url": url, "repository": _scalar(choices.repository)}
        block = text("forge.yaml", values)
    return block.rstrip("\n")


def _scalar(value: str) -> str:
    """A value as YAML has it: plain, or in quotes where a character might mean something."""
    return value if re.fullmatch(r"[A-Za-z][\w./-]*(://[\w.:/-]+)?", value, re.ASCII) else json.dumps(value)


def _environments(choices: Choices) -> Iterator[tuple[str, str]]:
    before = ""
    for environment in choices.environments:
        targets = ", ".join(target_name(cloud, environment) for cloud in choices.clouds)
        values = {
            "namespace": _namespace(choices, environment),
            "environment": environment,
            "targets": targets,
            "before": before,
        }
        template = "environment-next.yaml" if before else "environment-first.yaml"
        yield f"environments/{environment}/environment.yaml", text(template, values)
        before = environment


def _namespace(choices: Choices, environment: str) -> str:
    """The namespace; by the environment alone where the project's name would make a model's host too long."""
    name = f"{choices.name}-{environment}"
    return name if len(name) + len(choices.model) <= LONGEST_HOST else environment


def _targets(choices: Choices) -> Iterator[tuple[str, str]]:
    for environment in choices.environments:
        for cloud in choices.clouds:
            name = target_name(cloud, environment)
            values = {"target": name, "environment": environment, "connection": _connection(choices, name)}
            yield f"targets/{name}.yaml", text(f"target-{cloud}.yaml", values)


def _connection(choices: Choices, target: str) -> str:
    return {
        "directory": f"    # Rendered files, so that all of this runs with no cluster. For a cluster: kubernetes: "
        f"{{context: {target}}}\n    directory:\n      path: clusters/{target}",
        "kubernetes": f"    kubernetes:\n      context: {target} # as your kubeconfig calls it",
        "git": "    # A branch of rendered manifests, deploy/ENVIRONMENT/TARGET, which Argo CD or Flux syncs.\n"
        "    git:\n      push: true",
    }[choices.connection]


def _first_model(choices: Choices) -> dict[str, str]:
    first = choices.environments[0]
    content = text("model.yaml", {"environment": first, "model": choices.model})
    return {f"environments/{first}/models/{choices.model}.yaml": content}
