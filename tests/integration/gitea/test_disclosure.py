"""Tokens in the environment and in the remote's address are nowhere to be seen: on a real Gitea, with every verb."""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.testbed.gitea.people import Person
from tests.testbed.gitea.team import Team

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

BRANCH = "promote/staging/iris"
CANARY = "canary-3b9f/+=%"
"""What is wrong about it is only that Gitea does not know it."""
VERBS = (
    ("promote", "iris", "--to", "staging", "--dry-run"), ("promote", "iris", "--to", "staging"), ("history", "iris"),
    ("audit", "verify"),
)  # fmt: skip
RECORDER = """\
#!/bin/sh
printf '%s\\n' "$*" >> '{record}'
GIT_EXEC_PATH='{programs}' exec '{git}' "$@"
"""


def forms(secret: str) -> set[str]:
    """How a secret could show."""
    encoded = {
        base64.b64encode(one.encode()).decode().rstrip("=")[:-2] for one in (secret, f" {secret}", f"  {secret}")
    }
    return {secret, quote(secret, safe=""), *(one[2:] for one in encoded)}


def hits(secrets: list[str], text: str) -> list[str]:
    return [form for secret in secrets for form in forms(secret) if form in text]


def in_files(secrets: list[str], directory: Path) -> dict[str, list[str]]:
    """The files that hold a secret."""
    files = (path for path in directory.rglob("*") if path.is_file())
    found = {str(path): hits(secrets, path.read_bytes().decode("latin-1")) for path in files}
    return {path: forms for path, forms in found.items() if forms}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """The file into which every Git writes its arguments that a ``watched`` person starts."""
    return tmp_path / "arguments"


@pytest.fixture
def watched(team: Team, tmp_path: Path, record: Path) -> Person:
    """Ann, with a token in her remote's address and another one in her environment, and no credential helper."""
    git = shutil.which("git", path=team.ann.environment["PATH"])
    assert git is not None
    known = subprocess.run([git, "--exec-path"], check=True, capture_output=True, text=True).stdout.strip()
    programs, commands = tmp_path / "programs", tmp_path / "commands"
    programs.mkdir()
    commands.mkdir()
    for program in Path(known).iterdir():
        (programs / program.name).symlink_to(program)
    (programs / "git").unlink()
    for place in (programs, commands):
        (place / "git").write_text(RECORDER.format(record=record, programs=programs, git=git))
        (place / "git").chmod(0o755)
    url = team.server.clone_url(team.repository)
    login = f"{team.ann.name}:{team.server.new_token(team.ann.user)}"
    team.ann.git("remote", "set-url", "origin", url.replace("://", f"://{login}@"))
    settings = (Path(team.ann.environment["HOME"]) / ".gitconfig").read_text()
    (Path(team.ann.environment["HOME"]) / ".gitconfig").write_text(settings.replace("helper = store", "helper =\n#"))
    path = f"{commands}:{team.ann.environment['PATH']}"
    return replace(team.ann, environment={**team.ann.environment, "PATH": path, "SHOP_PASSWORD": CANARY})


def test_no_token_is_seen_on_the_way_of_a_model(team: Team, watched: Person, record: Path) -> None:
    in_address = team.ann.git("remote", "get-url", "origin").partition("@")[0].rpartition(":")[2]
    secrets = [in_address, watched.user.token, CANARY]
    config = watched.root / ".git/config"
    before = config.read_bytes()
    told = [watched.run(*verb) for verb in VERBS]
    team.ann.git("fetch", "--quiet", "origin")
    team.ann.git("checkout", "--quiet", "--detach", f"origin/{BRANCH}")
    told.append(watched.run("gates", "--base", "origin/main", "--post"))
    assert [ran.code for ran in told] == [0] * len(told), told

    started, pull = record.read_text(), team.pull(BRANCH)
    assert "remote-https" in started
    assert hits(secrets, started) == []
    assert hits(secrets, "".join(ran.out + ran.err for ran in told)) == []
    assert hits(secrets, f"{pull['title']}{pull['body']}{team.comments(1)}") == []
    assert hits(secrets, team.ann.git("log", "--format=%B%an%ae", f"origin/{BRANCH}")) == []
    assert config.read_bytes() == before
    assert in_files(secrets, watched.root) == {str(config): [in_address]}
    assert in_files(secrets, Path(watched.environment["XDG_CACHE_HOME"])) == {}


def test_a_token_in_the_address_that_is_refused_is_not_shown(team: Team, watched: Person, record: Path) -> None:
    url = team.server.clone_url(team.repository).replace("://", f"://{team.ann.name}:{quote(CANARY, safe='')}@")
    team.ann.git("remote", "set-url", "origin", url)
    ran = watched.run("promote", "iris", "--to", "staging")
    assert (ran.code, "Give Git a credential helper" in ran.err) == (4, True), ran.err
    assert hits([CANARY], ran.out + ran.err + record.read_text()) == []


def test_a_token_in_the_environment_that_is_refused_is_not_shown(team: Team, watched: Person, record: Path) -> None:
    ran = watched.run("promote", "iris", "--to", "staging", GITEA_TOKEN=CANARY)
    assert (ran.code, "GITEA_TOKEN is unknown, expired or revoked" in ran.err) == (4, True), ran.err
    assert hits([CANARY], ran.out + ran.err + record.read_text()) == []
