"""The step templates of this repository, run as their containers would run them: the same program and arguments."""

from __future__ import annotations

import gzip
import hashlib
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mlgitops.spec.parameters import as_text
from mlgitops.spec.placeholders import with_values

STEPS = Path(__file__).resolve().parents[2] / "steps"
IDX = struct.pack(">BBBBI", 0, 0, 8, 1, 3) + b"abc"
CONTENT = {
    "idx": IDX,
    "csv": b'name,size\none,1\n"t,wo",2\nthree,3\n',
    "jsonl": b'{"a": 1}\n\n{"a": 2}\n{"a": 3}\n',
}
BROKEN = {
    "idx": (IDX[:-1], "not a whole IDX file"),
    "csv": (b"name,size\none\n", "a row has not as many columns"),
    "jsonl": (b'{"a": 1}\n{"a"', "JSONDecodeError"),
}


def run(template: str, work: Path, **values: str | int) -> subprocess.CompletedProcess[str]:
    """Runs a template's step with ``work`` in the place of /tmp."""
    spec = yaml.safe_load((STEPS / f"{template}.yaml").read_text())["spec"]
    given = {name.replace("_", "-"): as_text(value) for name, value in values.items()}
    own = {parameter["name"]: as_text(parameter.get("value")) for parameter in spec["parameters"]}
    step = spec["steps"][0]
    arguments = [with_values(text.replace("/tmp/", f"{work}/"), {**own, **given}) for text in step["args"]]
    command = [sys.executable, *step["command"][1:], *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", CONTENT)
def test_data_that_is_whole_is_counted(tmp_path: Path, form: str, packed: bool) -> None:
    content = gzip.compress(CONTENT[form]) if packed else CONTENT[form]
    (tmp_path / "data").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    url = (tmp_path / "data").as_uri()
    done = run("check-data/1.0", tmp_path, url=url, format=form, at_least=3, sha256=digest)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "samples").read_text() == "3"
    assert json.loads((tmp_path / "metrics.json").read_text()) == {
        "samples": 3, "bytes": len(CONTENT[form]), "sha256": digest,
    }  # fmt: skip


@pytest.mark.parametrize("form", BROKEN)
def test_data_that_is_not_whole_fails(tmp_path: Path, form: str) -> None:
    content, message = BROKEN[form]
    (tmp_path / "data").write_bytes(content)
    done = run("check-data/1.0", tmp_path, url=(tmp_path / "data").as_uri(), format=form)
    assert done.returncode == 1
    assert message in done.stderr


@pytest.mark.parametrize(
    ("values", "message"), [({"at_least": 4}, "3 samples, fewer than 4"), ({"sha256": "0" * 64}, "the digest is")]
)
def test_too_little_data_or_other_data_fails(tmp_path: Path, values: dict[str, str | int], message: str) -> None:
    (tmp_path / "data").write_bytes(IDX)
    done = run("check-data/1.0", tmp_path, url=(tmp_path / "data").as_uri(), format="idx", **values)
    assert done.returncode == 1
    assert message in done.stderr


def test_a_report_is_a_page_of_what_was_measured_and_given(tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"samples": 3}')
    done = run("report/1.0", tmp_path, title="Weekly", values="epochs=2 rate=0.1")
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "report.md").read_text()
    assert page.splitlines() == [
        "# Weekly", "", "| what | value |", "|---|---|", "| epochs | 2 |", "| rate | 0.1 |", "| samples | 3 |",
    ]  # fmt: skip
    assert done.stdout == page + "\n"
