"""Holds every test against the messages that it is known to provoke; ``--update-goldens`` writes them anew."""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import hashlib
import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.messages import snapshot
from tests.testbed.messages.recorder import Made, Recorder
from tests.testbed.messages.sites import INVALID, PACKAGE, Key, Site, sites
from tests.testbed.messages.snapshot import Snapshot

CACHED = "mlgitops/message-sites"
"""Where pytest's cache keeps the sites, since finding them takes seconds."""
ENOUGH = 8
"""Characters of a site's words that tell by themselves that a message is of that site."""


class Messages:
    """The sites, the snapshots, and what the tests of this process provoked."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.recorder = Recorder()
        self.recorder.watch()
        self.snapshots = snapshot.read()
        self._by_test = snapshot.by_test(self.snapshots)
        self._ran: set[str] = set()
        self._provoked: dict[tuple[str, str], dict[str, list[str]]] = {}

    @property
    def is_partial(self) -> bool:
        """Whether only some of the tests of a file were chosen."""
        return bool(self.config.option.keyword) or any("::" in argument for argument in self.config.args)

    @cached_property
    def sites(self) -> Mapping[Key, Site]:
        """Every site, from pytest's cache where the source did not change."""
        sources = sorted([*PACKAGE.rglob("*.py"), *Path(__file__).parent.glob("*.py")])
        digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
        assert self.config.cache is not None
        held: Any = self.config.cache.get(CACHED, None)
        if held is None or held[0] != digest:
            found = [[*place, makes, *_fields(site)] for (place, makes), site in sites().items()]
            held = [digest, found]
            self.config.cache.set(CACHED, held)
        return {((module, line, column), makes): Site(*site) for module, line, column, makes, *site in held[1]}

    def hold(self, item: pytest.Item) -> None:
        """Fails where the test no longer provokes what it is known to, or it reads otherwise now."""
        expected = self._by_test.get(item.nodeid, ())
        if not expected or not item.nodeid.startswith("tests/unit/"):
            return  # what servers and networks make of a test may come in another way the next time
        texts = self._texts()
        for one in expected:
            found = texts.get((one.module, one.site), [])
            if not found:
                pytest.fail(f"this no longer makes the message\n  {one.site}\nof {one.module}: `make goldens`", False)
            if one.is_exact and one.text not in found:
                shown = "\n".join(difflib.ndiff(one.text.split("\n"), found[0].split("\n")))
                pytest.fail(f"a message reads otherwise:\n{shown}\nIf the change is meant: `make goldens`.", False)

    def gather(self, item: pytest.Item) -> None:
        """Keeps what a test provoked, for the goldens. What a property test finds is another each time."""
        self._ran.add(item.nodeid)
        if not getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            for site, texts in self._texts().items():
                self._provoked.setdefault(site, {})[item.nodeid] = texts

    def write(self) -> None:
        """Merges what was gathered into the goldens, where another process may do the same."""
        snapshot.FOLDER.mkdir(parents=True, exist_ok=True)
        with _locked(snapshot.FOLDER):
            known = {(site.module, site.name) for site in self.sites.values()}
            held = {(one.module, one.site): one for one in snapshot.read()}
            snapshot.write(one for site in known if (one := self._chosen(site, held.get(site))) is not None)

    def _chosen(self, site: tuple[str, str], held: Snapshot | None) -> Snapshot | None:
        provoked = self._provoked.get(site, {})
        if held is not None and held.test in provoked:
            texts = provoked[held.test]
            return held if held.text in texts else Snapshot(*site, held.test, texts[0])
        if held is not None and (self.is_partial or not self._is_gone(held.test)):
            return held
        best = min(provoked, key=lambda test: (not test.startswith("tests/unit/"), test), default=None)
        return None if best is None else Snapshot(*site, best, provoked[best][0])

    def _is_gone(self, test: str) -> bool:
        """Whether others of its file ran, and it did not, or it did and provoked nothing."""
        path = test.partition("::")[0]
        return any(ran.partition("::")[0] == path for ran in self._ran)

    def _texts(self) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for made in self.recorder.made:
            site = site_of(made, self.sites)
            if site is not None:
                found.setdefault((site.module, site.name), []).append(snapshot.text_of(made.subject))
        return found


def site_of(made: Made, known: Mapping[Key, Site]) -> Site | None:
    """Where a message comes from: the innermost call that is a site; else, of a table of codes, by its words."""
    subject = made.subject
    makes = type(subject).__name__ if isinstance(subject, Exception) else subject.code
    if makes == INVALID and (own := _of_validator(str(getattr(subject, "message", "")), known)):
        return own
    for step in made.steps:
        if (step.place, makes) in known:
            return known[step.place, makes]
    if isinstance(subject, Exception):
        return None
    said = f"{subject.message}\n{subject.help}"
    return _likeliest(said, (site for (_, code), site in known.items() if code == makes))


def _of_validator(said: str, known: Mapping[Key, Site]) -> Site | None:
    """The validator of a kind whose words these are."""
    among = (site for (_, code), site in known.items() if code == INVALID and _parts(site))
    return next((site for site in among if all(part in said for part in _parts(site))), None)


def _likeliest(said: str, among: Iterable[Site]) -> Site | None:
    scored = [(sum(len(part) for part in _parts(site) if part in said), site) for site in among]
    score, best = max(scored, key=lambda one: one[0], default=(0, None))
    return best if score >= ENOUGH else None


def _parts(site: Site) -> list[str]:
    return [part for text in site.words.split(" | ") for part in text.split("{}") if part.strip()]


def _fields(site: Site) -> list[Any]:
    return [site.module, site.function, site.makes, site.words, site.number]


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


MESSAGES = pytest.StashKey[Messages]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MESSAGES] = Messages(config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[MESSAGES].recorder.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    result = yield
    messages = item.config.stash[MESSAGES]
    (messages.gather if item.config.getoption("--update-goldens") else messages.hold)(item)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--update-goldens", False):
        session.config.stash[MESSAGES].write()
