"""A real Gitea of its own for a test session: SQLite, loopback only, over TLS with a certificate of its own.

with Gitea(build.program(os.environ)) as gitea:
    owner = gitea.new_user()
    repository = gitea.new_repository(owner)
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import urllib3

from tests.testbed import credentials
from tests.testbed.api import Api, ApiError
from tests.testbed.credentials import Access
from tests.testbed.errors import PortTakenError, TestbedError
from tests.testbed.gitea.build import Program
from tests.testbed.process import Process, free_port
from tests.testbed.waiting import wait_until

ADMIN = "gitea-admin"
SCOPES = ("write:repository", "write:issue", "read:user")
START_SECONDS = 60.0
COMMAND_SECONDS = 60.0
ATTEMPTS = 3

# The queues keep their usual kind: with immediate ones, calls that follow a push time out.
SETTINGS = """\
APP_NAME = testbed
RUN_MODE = prod
RUN_USER = {user}
WORK_PATH = {directory}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true

[server]
PROTOCOL = https
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = https://127.0.0.1:{port}/
CERT_FILE = {directory}/cert.pem
KEY_FILE = {directory}/key.pem
DISABLE_SSH = true
OFFLINE_MODE = true
{static}

[database]
DB_TYPE = sqlite3
PATH = {directory}/gitea.db
SQLITE_JOURNAL_MODE = WAL

[security]
INSTALL_LOCK = true
SECRET_KEY = {secret}
PASSWORD_HASH_ALGO = pbkdf2$2000$50

[service]
DISABLE_REGISTRATION = true

[webhook]
ALLOWED_HOST_LIST = loopback

[indexer]
ISSUE_INDEXER_TYPE = db

[log]
MODE = console
LEVEL = Warn
"""


@dataclass(frozen=True)
class User:
    """A user and its token; who reads the token may do what ``SCOPES`` says."""

    name: str
    password: str
    token: str


class Gitea:
    """Running while the ``with`` block does; nothing of it is left afterwards.

    ``url`` and ``certificate`` (a file to trust) are how it is reached, ``admin`` is the API as its administrator.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._stack = contextlib.ExitStack()
        self._apis: dict[str, Api] = {}
        self._crew: list[User] = []
        self.directory: Path
        self.port: int
        self.admin: Api
        self.process: Process

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> Path:
        """The certificate that it shows, signed by itself."""
        return self.directory / "cert.pem"

    @property
    def key(self) -> Path:
        """The certificate's key, for what stands in front of it."""
        return self.directory / "key.pem"

    def __enter__(self) -> Self:
        root = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="mlgitops-gitea-")))
        try:
            self._start(root)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def new_user(self) -> User:
        """A fresh user with a token."""
        name, password = f"user-{uuid4().hex[:10]}", credentials.new_token()
        body = {"username": name, "email": f"{name}@example.com", "password": password, "must_change_password": False}
        self.admin.request("POST", "/api/v1/admin/users", body)
        user = User(name, password, "")
        return replace(user, token=self.new_token(user))

    def crew(self, number: int) -> tuple[User, ...]:
        """So many users, the same each time: for tests that have a repository of their own."""
        while len(self._crew) < number:
            self._crew.append(self.new_user())
        return tuple(self._crew[:number])

    def new_token(self, user: User, scopes: Sequence[str] = SCOPES) -> str:
        """A token of a user's that may do what the scopes say."""
        login = urllib3.make_headers(basic_auth=f"{user.name}:{user.password}")
        body = {"name": uuid4().hex, "scopes": list(scopes)}
        answer = self.admin.request("POST", f"/api/v1/users/{user.name}/tokens", body, **login)
        return str(answer["sha1"])

    def new_repository(self, owner: User) -> str:
        """``owner/name`` of a fresh repository with one commit on ``main``."""
        body = {"name": f"repository-{uuid4().hex[:10]}", "auto_init": True, "default_branch": "main"}
        return str(self.admin.request("POST", f"/api/v1/admin/users/{owner.name}/repos", body)["full_name"])

    def add_collaborator(self, repository: str, user: User, permission: str = "write") -> None:
        """Lets a user read, write or administer a repository."""
        path = f"/api/v1/repos/{repository}/collaborators/{user.name}"
        self.admin.request("PUT", path, {"permission": permission})

    def protect(self, repository: str, rules: Mapping[str, Any]) -> None:
        """Protects ``main`` by the rules of Gitea's ``CreateBranchProtectionOption``."""
        self.admin.request("POST", f"/api/v1/repos/{repository}/branch_protections", {"rule_name": "main", **rules})

    def api(self, token: str) -> Api:
        """The API as whoever has that token."""
        if token not in self._apis:
            self._apis[token] = Api(self.access(token))
            self._stack.callback(self._apis[token].close)
        return self._apis[token]

    def access(self, token: str) -> Access:
        """How whoever has that token reaches it."""
        return Access(self.url, self.certificate, token)

    def clone_url(self, repository: str) -> str:
        """Where Git finds a repository; see ``git_config`` for how it gets in."""
        return f"{self.url}/{repository}.git"

    def git_config(self, user: User) -> str:
        """Lines for a ``.gitconfig``: the certificate to trust, and the user's token in a credential helper."""
        store = self.directory / f"{user.name}.credentials"
        credentials.write_secret(store, f"https://{user.name}:{user.token}@127.0.0.1:{self.port}\n")
        return (
            f'[http "{self.url}"]\n    sslCAInfo = {self.certificate}\n'
            f'[credential "{self.url}"]\n    helper = store --file={store}\n'
        )

    def _start(self, root: Path) -> None:
        """Starts it in a directory below ``root``; again, on another port, where another process took ours."""
        for attempt in range(1, ATTEMPTS + 1):
            self.directory, self.port = root / str(attempt), free_port()
            self.directory.mkdir()
            try:
                self._start_server()
                return
            except PortTakenError:
                if attempt == ATTEMPTS:
                    raise

    def _start_server(self) -> None:
        self._configure()
        self._command("cert", "--host", "127.0.0.1", "--ca", "--out", "cert.pem", "--keyout", "key.pem")
        self._command("migrate")
        token = self._new_admin()
        self.process = Process([self._program.path, "web", *self._options()], self.directory)
        self._stack.callback(self.process.stop)
        self.process.start()
        self.admin = self.api(token)
        wait_until(self._ready, "Gitea to be ready", START_SECONDS)

    def _configure(self) -> None:
        static = f"STATIC_ROOT_PATH = {self._program.static}" if self._program.static else ""
        user = Path("~").expanduser().owner()
        text = SETTINGS.format(
            user=user, directory=self.directory, port=self.port, static=static, secret=credentials.new_token()
        )
        credentials.write_secret(self.directory / "app.ini", text)

    def _new_admin(self) -> str:
        printed = self._command(
            *("admin", "user", "create", "--username", ADMIN, "--email", f"{ADMIN}@example.com", "--admin"),
            *("--random-password", "--must-change-password=false", "--access-token", "--access-token-scopes", "all"),
            *("--access-token-name", "testbed"),
        )
        lines = [line for line in printed.splitlines() if "Access token" in line]
        if not lines:
            raise TestbedError(f"Gitea made no token for {ADMIN}:\n{printed}")
        return lines[-1].split()[-1]

    def _options(self) -> list[str]:
        return ["--config", str(self.directory / "app.ini"), "--work-path", str(self.directory)]

    def _command(self, *arguments: str) -> str:
        """What a command of Gitea's own prints; those that know the settings are told where they are."""
        options = [] if arguments[0] == "cert" else self._options()
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.directory),
            "GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT": "true",
        }
        done = subprocess.run(
            [self._program.path, *arguments, *options],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            raise TestbedError(f"`gitea {' '.join(arguments[:3])}` failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _ready(self) -> bool:
        self.process.require_running()
        try:
            self.admin.get("/api/healthz")
        except (OSError, urllib3.exceptions.HTTPError, ApiError):
            return False
        return True
