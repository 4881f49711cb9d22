from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlgitops.manifest import Identity
from mlgitops.targets.layout import relative_path

NAMES = st.text(max_size=300)
IDENTITIES = st.builds(Identity, NAMES, st.from_regex(r"[A-Z][a-z]{0,20}", fullmatch=True), NAMES, NAMES)


def test_paths_are_readable() -> None:
    service = Identity("serving.kserve.io", "InferenceService", "models", "fraud")
    assert relative_path(service) == "models/inferenceservice.serving.kserve.io_fraud.yaml"
    assert relative_path(Identity("", "Namespace", "", "ml")) == "_cluster/namespace_ml.yaml"


def test_names_that_differ_by_case_only_have_different_files() -> None:
    assert relative_path(Identity("", "Role", "ml", "system:A")) == "ml/role_system%3a%41.yaml"
    assert relative_path(Identity("", "Role", "ml", "system:a")) == "ml/role_system%3aa.yaml"


@given(IDENTITIES, IDENTITIES)
def test_different_objects_have_different_files(one: Identity, other: Identity) -> None:
    assert (one == other) == (relative_path(one) == relative_path(other))


@given(IDENTITIES)
def test_no_name_leaves_the_directory_or_is_too_long_for_a_file(one: Identity) -> None:
    folder, name = relative_path(one).split("/")
    assert not folder.startswith(".")
    assert not name.startswith(".")
    assert max(len(folder), len(name)) <= 255
    assert relative_path(one) == relative_path(one).lower()
    assert not {"\x00", "\\"} & {*folder, *name}
