"""A branch is followed as far as trusted keys signed it, and no further."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlgitops.errors import SourceError
from mlgitops.sources.mirror import Mirror, Trust
from mlgitops.tools.git_signatures import Keys
from tests.testbed.signing import Repository, exported, gnupg_home


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def mirror(repository: Repository, keys: Keys, since: str = "") -> Mirror:
    return Mirror(repository.folder / "state", str(repository.root), "main", Trust(True, keys, since))


def test_signed_commits_are_followed_and_the_first_that_is_not_is_named(repository: Repository) -> None:
    first = repository.commit(ssh="alice")
    following = mirror(repository, repository.signers("alice"))
    assert following.advance().commit == first
    second = repository.commit(ssh="alice")
    assert following.advance().commit == second
    unsigned = repository.commit()
    head = repository.commit(ssh="alice")
    advance = following.advance()
    assert (advance.commit, advance.previous, following.accepted) == (second, second, second)
    assert advance.refused
    assert advance.refused.commit == unsigned
    assert advance.refused.reason == f"commit {unsigned[:12]}, on the way to {head[:12]}, is not signed"


def test_a_stranger_is_refused_until_the_key_is_trusted(repository: Repository) -> None:
    first = repository.commit(ssh="alice")
    following = mirror(repository, repository.signers("alice"))
    following.advance()
    second = repository.commit(ssh="bob")
    refused = following.advance().refused
    assert refused
    assert refused.reason.startswith(f"commit {second[:12]} is signed by a key that is not trusted (SHA256:")
    assert following.accepted == first
    repository.signers("alice", "bob")
    assert following.advance().commit == second


def test_a_key_that_expires_meanwhile_is_refused(repository: Repository) -> None:
    repository.commit(ssh="alice")
    following = mirror(repository, repository.signers("alice"))
    following.advance()
    repository.signers("alice", options='valid-before="20200101" ')
    late = repository.commit(ssh="alice", date="2019-01-01T00:00:00Z")
    refused = following.advance().refused
    assert refused
    assert f"commit {late[:12]} is signed by a key that is not valid today" in refused.reason


def test_gpg_keys_are_followed_too(repository: Repository) -> None:
    with gnupg_home() as home:
        first = repository.commit(gpg="good@example.com", home=home)
        following = mirror(repository, exported(home, repository.folder / "keys.asc", "good@example.com"))
        assert following.advance().commit == first
        repository.commit(ssh="alice")
        refused = following.advance().refused
    assert refused
    assert "is signed by an SSH key, and none is trusted" in refused.reason


def test_the_first_head_is_accepted_by_its_own_signature(repository: Repository) -> None:
    repository.commit()
    unsigned = repository.commit()
    following = mirror(repository, repository.signers("alice"))
    advance = following.advance()
    assert (advance.commit, following.accepted) == ("", "")
    assert advance.refused
    assert advance.refused.commit == unsigned
    signed = repository.commit(ssh="alice")
    assert following.advance().commit == signed


def test_or_by_all_signatures_since_a_commit(repository: Repository) -> None:
    since = repository.commit()
    unsigned = repository.commit()
    repository.commit(ssh="alice")
    refused = mirror(repository, repository.signers("alice"), since).advance().refused
    assert refused
    assert refused.commit == unsigned
    following = mirror(repository, repository.signers("alice"), unsigned)
    assert following.advance().commit == repository.git("rev-parse", "HEAD")


@pytest.mark.parametrize("since", ["0" * 40, "side"])
def test_the_first_head_must_follow_the_commit_from_which_on_there_is_trust(repository: Repository, since: str) -> None:
    repository.commit(ssh="alice")
    repository.git("checkout", "--quiet", "-b", "side")
    side = repository.commit(ssh="alice", date="2026-01-01T00:00:00Z")
    repository.git("checkout", "--quiet", "main")
    repository.commit(ssh="alice")
    repository.commit(ssh="alice")
    advance = mirror(repository, repository.signers("alice"), side if since == "side" else since).advance()
    assert advance.commit == ""
    assert advance.refused
    assert "does not follow" in advance.refused.reason
    assert "since which commits are trusted" in advance.refused.reason


@pytest.mark.parametrize("since", ["-x", "main", "0123456", "HEAD~1", "0" * 41])
def test_the_commit_from_which_on_there_is_trust_is_given_in_full(repository: Repository, since: str) -> None:
    with pytest.raises(SourceError, match="is not the full id of a commit"):
        mirror(repository, repository.signers("alice"), since)


def test_what_the_repository_says_of_keys_does_not_matter(repository: Repository) -> None:
    """A branch cannot trust itself: neither by files, nor by the settings of the repository that it comes from."""
    repository.commit(ssh="alice")
    following = mirror(repository, repository.signers("alice"))
    following.advance()
    (repository.root / ".github").mkdir()
    (repository.root / ".github/allowed_signers").write_text(f"mallory@example.com {repository.key('mallory')}")
    (repository.root / ".gitconfig").write_text("[gpg.ssh]\n  allowedSignersFile = .github/allowed_signers\n")
    repository.git("add", ".")
    repository.git("config", "gpg.ssh.allowedSignersFile", ".github/allowed_signers")
    repository.commit(ssh="mallory")
    refused = following.advance().refused
    assert refused
    assert "not trusted" in refused.reason


def test_without_the_trusted_keys_nothing_is_accepted(repository: Repository) -> None:
    first = repository.commit(ssh="alice")
    keys = repository.signers("alice")
    following = mirror(repository, keys)
    following.advance()
    repository.commit(ssh="alice")
    assert keys.signers
    keys.signers.unlink()
    with pytest.raises(SourceError, match=r"the trusted keys in .* cannot be read"):
        following.advance()
    assert following.accepted == first
    with pytest.raises(SourceError):
        mirror(repository, keys).advance()


def test_a_mirror_made_anew_looks_only_at_what_it_did_not_accept_yet(repository: Repository) -> None:
    repository.commit()
    repository.commit(ssh="alice")
    following = mirror(repository, repository.signers("alice"))
    following.advance()
    shutil.rmtree(following.git_dir)
    head = repository.commit(ssh="alice")
    assert following.advance().commit == head


def test_replaced_commits_and_grafts_of_the_other_side_do_not_count(repository: Repository) -> None:
    repository.commit(ssh="alice")
    following = mirror(repository, repository.signers("alice"))
    following.advance()
    unsigned = repository.commit()
    repository.git("checkout", "--quiet", "--detach", "HEAD~1")
    signed = repository.commit(ssh="alice")
    repository.git("checkout", "--quiet", "main")
    repository.git("replace", unsigned, signed)
    refused = following.advance().refused
    assert refused
    assert refused.commit == unsigned
