"""How an artifact is copied, as commands to paste: by the tool that reads the one place and writes the other. Pure.

* ``aws s3 sync`` and ``aws s3 cp`` between S3 and files (AWS CLI reference).
* ``gcloud storage`` between Google's buckets and S3 in both directions, and files (gcloud reference).
* ``azcopy`` from S3, Google's buckets and files to Azure; from Azure only to files (AzCopy v10, "Copy blobs").
* ``crane copy`` between registries (go-containerregistry).

Where no tool reads one place and writes the other, the files go through a folder. A folder's content is copied into a
folder, so that running a command again does no harm. A last part such as ``model.onnx`` is taken for a file.
"""

from __future__ import annotations

import re
import shlex

from mlgitops.plan.copies import Copy

FOLDER = "copy-of-artifact"
"""The folder that files go through."""
NO_TOOL = "# no usual tool copies this; see docs/clouds.md"
"""What stands in the place of a command where there is none."""
_AZURE = re.compile(r"https://[a-z0-9]+\.blob\.core\.windows\.net/.+")
_FILE = re.compile(r"\.[A-Za-z]+$")


def command(copy: Copy) -> str:
    """One line for a POSIX shell; empty where no usual tool can, such as into a volume (pvc)."""
    source, destination = copy.source.rstrip("/"), copy.destination.rstrip("/")
    direct = _direct(source, destination)
    if direct:
        return direct
    steps = (_direct(source, FOLDER), _direct(FOLDER, destination)) if not _is_file(source) else ("", "")
    return " && ".join(steps) if all(steps) else ""


def _direct(source: str, destination: str) -> str:
    """The command of one tool, or none."""
    found = tuple(map(_place, (source, destination)))
    single = _is_file(source)
    match found:
        case ("oci", "oci"):
            return _line("crane", "copy", source.removeprefix("oci://"), destination.removeprefix("oci://"))
        case ("hf", "file"):
            repository, _, revision = source.removeprefix("hf://").partition(":")
            pinned = ("--revision", revision) if revision else ()
            return _line("hf", "download", repository, *pinned, "--local-dir", destination)
        case ("s3" | "file", "s3") | ("s3", "file"):
            return _line("aws", "s3", "cp" if single else "sync", source, destination)
        case ("gs" | "s3" | "file", "gs") | ("gs", "s3" | "file"):
            return _line("gcloud", "storage", *(("cp",) if single else ("rsync", "--recursive")), source, destination)
        case ("azure", "azure" | "file") | ("s3" | "gs" | "file", "azure"):
            everything = "" if single else "/*"
            return _line("azcopy", "copy", _for_azcopy(source) + everything, destination, "--recursive")
    return ""


def _place(uri: str) -> str:
    """Which tools know the place: s3, gs, azure, oci, hf or file; empty for others."""
    scheme, separator, _ = uri.partition("://")
    if not separator:
        return "file"
    if _AZURE.fullmatch(uri):
        return "azure"
    return scheme if scheme in ("s3", "gs", "oci", "hf") else ""


def _for_azcopy(uri: str) -> str:
    """AzCopy knows buckets by their addresses on the web."""
    for scheme, host in (("s3://", "https://s3.amazonaws.com/"), ("gs://", "https://storage.cloud.google.com/")):
        if uri.startswith(scheme):
            return host + uri.removeprefix(scheme)
    return uri


def _is_file(uri: str) -> bool:
    return "/" in uri.partition("://")[2] and _FILE.search(uri.rpartition("/")[2]) is not None


def _line(*parts: str) -> str:
    return shlex.join(parts)
