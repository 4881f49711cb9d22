"""Whose signatures count: of real SSH and GPG keys, on real commits."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlgitops.errors import SourceError
from mlgitops.tools.git_signatures import Keys, signatures
from tests.testbed.signing import Repository, exported, gnupg_home, signing_options


def problems(repository: Repository, keys: Keys, base: str = "", head: str = "HEAD") -> list[str]:
    """Why the signatures of commits do not count."""
    found = signatures(repository.git_dir, base, repository.git("rev-parse", head), keys)
    return [one.problem for one in found]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.fixture
def gnupg() -> Iterator[str]:
    with gnupg_home() as home:
        yield home


def test_a_commit_signed_by_an_allowed_ssh_key_counts(repository: Repository) -> None:
    repository.commit(ssh="alice")
    assert problems(repository, repository.signers("bob", "alice")) == [""]


def test_the_whole_first_parent_way_is_looked_at_oldest_first(repository: Repository) -> None:
    base = repository.commit()
    repository.commit(ssh="alice")
    unsigned = repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit()
    repository.git("checkout", "--quiet", "-")
    repository.key("alice")
    repository.git(*signing_options(repository.keys / "alice"), "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    keys = repository.signers("alice")
    assert problems(repository, keys, base) == ["", "is not signed", ""]
    assert [one.commit for one in signatures(repository.git_dir, base, repository.git("rev-parse", "HEAD"), keys)][
        1
    ] == (unsigned)
    assert problems(repository, keys) == [""]


def test_the_way_on_which_the_base_is_only_a_second_parent_is_looked_at_too(repository: Repository) -> None:
    repository.commit()
    repository.git("checkout", "--quiet", "-b", "side")
    base = repository.commit()
    repository.git("checkout", "--quiet", "-")
    repository.commit(date="2026-01-01T00:00:00Z")
    repository.key("alice")
    repository.git(*signing_options(repository.keys / "alice"), "merge", "--quiet", "--no-ff", "-m", "merge", "side")
    assert problems(repository, repository.signers("alice"), base) == ["is not signed", ""]


def test_a_key_that_nobody_allowed_does_not_count(repository: Repository) -> None:
    repository.commit(ssh="mallory")
    (problem,) = problems(repository, repository.signers("alice"))
    assert problem.startswith("is signed by a key that is not trusted (SHA256:")


def test_an_empty_file_of_signers_allows_nobody(repository: Repository) -> None:
    repository.commit(ssh="alice")
    (problem,) = problems(repository, repository.signers())
    assert "not trusted" in problem


def test_a_key_allowed_for_something_else_does_not_count(repository: Repository) -> None:
    repository.commit(ssh="alice")
    assert problems(repository, repository.signers("alice", options='namespaces="file" ')) != [""]


@pytest.mark.parametrize("date", ["", "2019-06-01T00:00:00Z"], ids=["today", "dated back"])
def test_a_key_that_expired_does_not_count_even_where_the_commit_says_it_is_older(
    repository: Repository, date: str
) -> None:
    repository.commit(ssh="alice", date=date)
    (problem,) = problems(repository, repository.signers("alice", options='valid-before="20200101" '))
    assert ("not valid today" in problem) == bool(date)
    assert "is signed by a key that is not" in problem


def test_a_key_that_has_not_expired_counts(repository: Repository) -> None:
    repository.commit(ssh="alice")
    options = 'valid-after="20200101",valid-before="20990101" '
    assert problems(repository, repository.signers("alice", options=options)) == [""]


def test_a_commit_that_was_changed_after_it_was_signed_does_not_count(repository: Repository) -> None:
    repository.commit(ssh="alice")
    forged = repository.git("cat-file", "commit", "HEAD").replace("\n\nx", "\n\nforged")
    (repository.folder / "forged").write_text(f"{forged}\n")
    head = repository.git("hash-object", "-t", "commit", "-w", str(repository.folder / "forged"))
    assert problems(repository, repository.signers("alice"), head=head) == ["has a bad signature"]


def test_a_commit_with_two_signatures_does_not_count(repository: Repository) -> None:
    repository.commit(ssh="alice")
    content = repository.git("cat-file", "commit", "HEAD")
    head, _, message = content.partition("\n\n")
    signature = head[head.index("gpgsig ") :]
    (repository.folder / "forged").write_text(f"{head}\n{signature}\n\n{message}\n")
    forged = repository.git("hash-object", "-t", "commit", "-w", "--literally", str(repository.folder / "forged"))
    assert problems(repository, repository.signers("alice"), head=forged) == ["has several signatures"]


def test_what_looks_like_a_signature_in_the_message_is_none(repository: Repository) -> None:
    repository.commit(ssh="alice")
    content = repository.git("cat-file", "commit", "HEAD")
    signature = content[content.index("gpgsig ") : content.index("\n\n")]
    repository.git("commit", "--quiet", "--allow-empty", "-m", f"x\n\n{signature}")
    assert problems(repository, repository.signers("alice")) == ["is not signed"]


@pytest.mark.parametrize("form", ["home", "file"])
def test_a_commit_signed_by_a_gpg_key_of_the_keyring_counts(
    repository: Repository, gnupg: str, tmp_path: Path, form: str
) -> None:
    repository.commit(gpg="good@example.com", home=gnupg)
    keys = Keys(keyring=Path(gnupg)) if form == "home" else exported(gnupg, tmp_path / "keys.asc", "good@example.com")
    assert problems(repository, keys) == [""]


def test_the_keyring_is_left_as_it_is(repository: Repository, gnupg: str, tmp_path: Path) -> None:
    """It may be a volume that cannot be written to, and two controllers may share it."""
    repository.commit(gpg="good@example.com", home=gnupg)
    ring = tmp_path / "ring"
    ring.mkdir(mode=0o700)
    shutil.copy(Path(gnupg) / "pubring.kbx", ring)
    assert problems(repository, Keys(keyring=ring)) == [""]
    assert [path.name for path in ring.iterdir()] == ["pubring.kbx"]


def test_a_gpg_key_that_expired_does_not_count(repository: Repository, gnupg: str, tmp_path: Path) -> None:
    faked = tmp_path / "gpg"
    faked.write_text('#!/bin/sh\nexec gpg --faked-system-time "20200201T000000!" "$@"\n')
    faked.chmod(0o755)
    repository.git("config", "gpg.program", str(faked))
    repository.commit(gpg="expired@example.com", home=gnupg)
    keys = exported(gnupg, tmp_path / "keys.asc")
    assert problems(repository, keys) == ["is signed by a key that has expired"]


def test_a_gpg_key_that_the_keyring_lacks_does_not_count(repository: Repository, gnupg: str, tmp_path: Path) -> None:
    repository.commit(gpg="good@example.com", home=gnupg)
    keys = exported(gnupg, tmp_path / "keys.asc", "expired@example.com")
    assert problems(repository, keys) == ["is signed by a key that is not trusted"]


def test_the_users_own_keyring_does_not_count(
    repository: Repository, gnupg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GNUPGHOME", gnupg)
    repository.commit(gpg="good@example.com")
    assert problems(repository, repository.signers("alice")) == ["is signed by a GPG key, and none is trusted"]
    assert problems(repository, Keys()) == ["is signed by a GPG key, and none is trusted"]


def test_the_users_own_allowed_signers_do_not_count(repository: Repository) -> None:
    repository.commit(ssh="alice")
    repository.git("config", "--global", "gpg.ssh.allowedSignersFile", str(repository.signers("alice").signers))
    assert problems(repository, Keys()) == ["is signed by an SSH key, and none is trusted"]


def test_both_kinds_of_keys_may_be_trusted(repository: Repository, gnupg: str, tmp_path: Path) -> None:
    base = repository.commit()
    repository.commit(ssh="alice")
    repository.commit(gpg="good@example.com", home=gnupg)
    keys = Keys(repository.signers("alice").signers, exported(gnupg, tmp_path / "keys.asc").keyring)
    assert problems(repository, keys, base) == ["", ""]


def test_a_certificates_signature_does_not_count(repository: Repository) -> None:
    repository.commit()
    head, _, message = repository.git("cat-file", "commit", "HEAD").partition("\n\n")
    signature = "gpgsig -----BEGIN SIGNED MESSAGE-----\n AAAA\n -----END SIGNED MESSAGE-----"
    (repository.folder / "forged").write_text(f"{head}\n{signature}\n\n{message}\n")
    forged = repository.git("hash-object", "-t", "commit", "-w", str(repository.folder / "forged"))
    found = problems(repository, repository.signers("alice"), head=forged)
    assert found == ["is signed by a certificate, and none is trusted"]


def test_keys_that_cannot_be_read_are_an_error(repository: Repository, tmp_path: Path) -> None:
    repository.commit(ssh="alice")
    nothing = tmp_path / "nothing"
    for keys in (Keys(signers=nothing), Keys(keyring=nothing)):
        with pytest.raises(SourceError, match="cannot be read: No such file"):
            problems(repository, keys)
    nothing.write_text("no keys")
    with pytest.raises(SourceError, match="holds no GPG keys"):
        problems(repository, Keys(keyring=nothing))


def test_a_repository_with_longer_ids_is_judged_the_same(tmp_path: Path) -> None:
    (tmp_path / "long").mkdir()
    repository = Repository(tmp_path / "long")
    repository.git("init", "--quiet", "--object-format=sha256", str(tmp_path / "long/sha256"))
    repository.root = tmp_path / "long/sha256"
    base = repository.commit()
    repository.commit(ssh="alice")
    repository.commit(ssh="mallory")
    good, bad = problems(repository, repository.signers("alice"), base)
    assert good == ""
    assert "not trusted" in bad
