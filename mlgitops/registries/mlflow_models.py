"""MLflow's model registry by its REST API: versions and aliases, and the run that a version comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.errors import RegistryError
from mlgitops.registries.client import Client, StatusError
from mlgitops.registries.content import digest_of
from mlgitops.registries.reading import pairs, rfc3339, rows
from mlgitops.registries.registered import Reference, Registered

API = "api/2.0/mlflow"
PROXIED = "mlflow-artifacts:/"
"""How MLflow names files that its server hands out itself."""
FILES = 10_000
"""The most files and folders of one model."""
DEPTH = 20
"""The most folders within each other."""
_FILES_API = "api/2.0/mlflow-artifacts/artifacts"


@dataclass(frozen=True)
class MlflowModels:
    """The registry of one MLflow server."""

    client: Client

    def find(self, reference: Reference) -> Registered:
        """The version and its run. Raises ``RegistryError`` where it is not there, or not ready."""
        what = f"find {reference}"
        found = _part(self.client.data(*self._wanted(reference, what)), "model_version", what)
        exact = Reference("mlflow", reference.name, version=str(found.get("version")))
        if found.get("status", "READY") != "READY":
            raise RegistryError(
                f"{exact} is not ready: its status is {found.get('status')}",
                help="Wait until MLflow has taken it over, or name another version.",
            )
        run_id = str(found.get("run_id") or "")
        run = self._run(run_id) if run_id else {}
        model_file, notes = self._model_file(exact)
        query = {"name": exact.name, "version": exact.version}
        uri = self.client.data(f"{API}/model-versions/get-download-uri", f"find the files of {exact}", query)
        return Registered(
            reference=exact, uri=str(uri.get("artifact_uri") or found.get("source") or ""),
            created_at=rfc3339(found.get("creation_timestamp")), model_file=model_file, notes=notes,
            **_of_run(run, run_id, self.client.server, pairs(found.get("tags"))),
        )  # fmt: skip

    def alias(self, name: str, alias: str) -> str:
        """The version that has the alias; empty where none has."""
        query = {"name": name, "alias": alias}
        try:
            found = self.client.data(f"{API}/registered-models/alias", f"find {name}@{alias}", query)
        except StatusError as error:
            if error.status in (400, 404):  # 400 is how MLflow says that there is none
                return ""
            raise
        return str(_part(found, "model_version", "find an alias").get("version") or "")

    def set_alias(self, reference: Reference, alias: str) -> None:
        """Gives the alias to a version, and takes it from any other."""
        body = {"name": reference.name, "alias": alias, "version": reference.version}
        self.client.send("POST", f"{API}/registered-models/alias", f"call {reference} {alias}", body)

    def digest(self, found: Registered) -> str:
        """The digest of the version's files where the server hands them out itself; else empty."""
        if not found.uri.startswith(PROXIED):
            return ""
        root = found.uri.removeprefix(PROXIED).strip("/")
        names = sorted(self._files(root))
        return digest_of((name, self.client.chunks(f"{_FILES_API}/{root}/{name}", f"read {name}")) for name in names)

    def _wanted(self, reference: Reference, what: str) -> tuple[str, str, Mapping[str, str]]:
        if reference.alias:
            query = {"name": reference.name, "alias": reference.alias}
            return f"{API}/registered-models/alias", what, query
        return f"{API}/model-versions/get", what, {"name": reference.name, "version": reference.version}

    def _run(self, run_id: str) -> Mapping[str, Any]:
        what = f"read run {run_id}"
        return _part(self.client.data(f"{API}/runs/get", what, {"run_id": run_id}), "run", what)

    def _model_file(self, exact: Reference) -> tuple[bytes, tuple[str, ...]]:
        query = {"name": exact.name, "version": exact.version, "path": "MLmodel"}
        try:
            return self.client.content("model-versions/get-artifact", f"read MLmodel of {exact}", query), ()
        except StatusError:  # the server has no credentials for the place, or the files are no model of MLflow's
            return b"", ("MLflow's server could not read MLmodel: framework and signature are not taken from it.",)

    def _files(self, root: str) -> Iterator[str]:
        """The files of all folders; of these and of files there are at most ``FILES``, however they are nested."""
        folders, count = [""], 0
        while folders:
            folder = folders.pop()
            what = f"list the files in {folder or 'the model'}"
            listed = self.client.data(_FILES_API, what, {"path": f"{root}/{folder}".rstrip("/")})
            for row in rows(listed.get("files")):
                name, count = str(row.get("path") or ""), count + 1
                if count > FILES or folder.count("/") >= DEPTH or name in ("", ".", "..") or "/" in name:
                    raise RegistryError(
                        f"MLflow's list of files cannot be followed: could not {what}",
                        help="Log fewer files in one model, or name its digest and its artifact yourself.",
                    )
                path = f"{folder}/{name}" if folder else name
                if row.get("is_dir"):
                    folders.append(path)
                else:
                    yield path


def _of_run(run: Mapping[str, Any], run_id: str, server: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """What is known by the run that made the version."""
    info, data, inputs = (_map(run.get(name)) for name in ("info", "data", "inputs"))
    if run and info.get("status") != "FINISHED":
        raise RegistryError(
            f"run {run_id} has not finished: its status is {info.get('status')}",
            help="Wait for its end; a release is made of what is finished.",
        )
    return {
        "run_id": run_id,
        "run": f"{server}/#/experiments/{info.get('experiment_id')}/runs/{run_id}" if run else "",
        "trained_at": rfc3339(info.get("end_time")),
        "metrics": {str(row["key"]): row.get("value") for row in rows(data.get("metrics")) if "key" in row},
        "parameters": pairs(data.get("params")),
        "tags": {**pairs(data.get("tags")), **tags},
        "datasets": dict(_datasets(inputs)),
    }


def _datasets(inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row in rows(inputs.get("dataset_inputs")):
        dataset, context = _map(row.get("dataset")), pairs(row.get("tags")).get("mlflow.data.context", "")
        if dataset.get("digest"):
            yield f"{dataset.get('name')}{f'.{context}' if context else ''}", str(dataset["digest"])


def _part(data: Mapping[str, Any], name: str, what: str) -> Mapping[str, Any]:
    part = data.get(name)
    if not isinstance(part, Mapping):
        raise RegistryError(
            f"MLflow gave no usable answer: could not {what}",
            help="See that MLFLOW_TRACKING_URI leads to MLflow itself, and which version it is.",
        )
    return part


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
