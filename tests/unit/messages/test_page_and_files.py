"""What init, import, fmt, report, serve and jobs in CI refuse, where no other test provokes the message."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from mlgitops.cli import asking, job, report, serve
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.scaffold import pipelines
from mlgitops.web import promoting, server, signing
from mlgitops.workflows import format, import_objects

NOWHERE = Path("/nowhere/at/all")
ASKED = promoting.Asked("iris", "dev", "prod", "ada")
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
)


def fake(**parts: Any) -> Any:
    """Something with these parts and nothing else."""
    return SimpleNamespace(**parts)


def always(answer: object) -> Callable[..., Any]:
    """A function that answers the same to everything."""
    return lambda *_, **__: answer


def taken() -> int:
    """A port that somebody listens at, as long as this process runs."""
    TAKEN.append(socket.create_server(("127.0.0.1", 0)))
    port: int = TAKEN[-1].getsockname()[1]
    return port


TAKEN: list[socket.socket] = []


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    while TAKEN:
        TAKEN.pop().close()


REFUSED: dict[str, tuple[Mapping[str, Any], Callable[[], object]]] = {
    "a folder of reports that is none": (
        {"mlgitops.workflows.project.open_project": always(None)},
        lambda: job.Job.begin(None, Path("/dev/null/reports")),
    ),
    "a page that cannot be written": ({}, lambda: report._write(Path("/dev/null/page/index.html"), b"")),
    "an address for everybody": ({}, lambda: serve._refuse(fake(), None, promotes=False, open_to_all=True)),
    "promotions by nobody": ({}, lambda: serve._refuse(fake(), None, promotes=True, open_to_all=False)),
    "no server": ({"importlib.util.find_spec": always(None)}, serve._require_extra),
    "a port that is taken": ({}, lambda: server.serve(fake(), "127.0.0.1", taken(), print)),
    "nothing to promote": ({}, lambda: promoting.refuse_unknown(fake(candidates=()), ASKED)),
    "a release that is there": (
        {
            "mlgitops.web.promoting.open_base": always(None),
            "mlgitops.web.promoting.promote": fake(way=always(("dev", "prod")), draft=always(None)),
        },
        lambda: promoting.open_pull_request(fake(), ASKED, str),
    ),
    "a file of users that is not there": ({}, lambda: signing.read_users(NOWHERE)),
    "a file without users": ({}, lambda: signing.read_users(Path("/dev/null"))),
    "a line that is no user": ({}, lambda: signing._user("ada:secret", "users:1")),
    "two vendors of one file": (
        {"mlgitops.scaffold.pipelines.tree": always({".ci.yml": ""}), "mlgitops.scaffold.pipelines._values": always({})}
        | {"mlgitops.scaffold.pipelines.filled": always("")},
        lambda: pipelines.pipelines(fake(vendors=("github", "gitlab"))),
    ),
    "a spec that is not there": (
        {"mlgitops.workflows.format._within": always("environments/dev/models/irsi.yaml")},
        lambda: format.format_files(fake(root=NOWHERE, source=fake(files=dict)), [NOWHERE]),
    ),
    "an environment without targets": (
        {},
        lambda: import_objects._target_name(fake(targets={}, environment="dev"), fake(targets=())),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_is_refused_with_what_to_do(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patches, refused = REFUSED[what]
    for name, instead in patches.items():
        monkeypatch.setattr(name, instead)
    with pytest.raises(MlgitopsError) as caught:
        refused()
    assert caught.value.message
    assert caught.value.help


def test_aliases_that_grow_without_end_are_refused() -> None:
    with pytest.raises(FindingsError, match="aliases repeat more"):
        import_objects._loaded(fake(text=BOMB, path="objects.yaml"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: serve._sign_in("X-User", (), NOWHERE), "--sign-in-header"),
        (lambda: serve._hash("a:b"), "no colon"),
        (lambda: asking._words("Clouds?", ["aws"], ["aws", "gcp"]), "'azrue' is none of aws, gcp"),
    ],
)
def test_wrong_usage_names_what_to_give(wrong: Any, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(click, "prompt", lambda *_, value_proc, **__: value_proc("azrue"))
    with pytest.raises(click.UsageError, match=told):
        wrong()
