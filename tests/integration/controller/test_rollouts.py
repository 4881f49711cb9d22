"""Changes that go over the targets in waves, and fights, over several runs."""

from __future__ import annotations

import pytest

from mlgitops.controller.requests import Verb
from mlgitops.controller.state import State, Word
from mlgitops.errors import TargetError
from mlgitops.manifest import Manifest
from mlgitops.targets import InventoryEntry
from mlgitops.targets.directory import DirectoryConnection
from tests.integration.controller.conftest import Site, of, words

pytestmark = pytest.mark.integration

ALL = ("here", "there", "yonder")


@pytest.fixture
def fleet(site: Site) -> Site:
    """Three targets with the same, the second of which is the canary from now on."""
    site.targets(*ALL)
    site.commit()
    site.once()
    site.reconcile(waves={"canary": ["there"], "maxUnavailable": 1})
    return site


def versions(site: Site) -> dict[str, str]:
    """The release that each target has."""
    services = {name: site.manifests(name)["InferenceService/iris"] for name in ALL}
    return {name: found["metadata"]["labels"]["mlgitops.dev/release"] for name, found in services.items()}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The targets at which an InferenceService named rose cannot be written, while everything else goes well."""
    targets: set[str] = set()
    put = DirectoryConnection.put

    def failing(self: DirectoryConnection, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        if manifest["metadata"]["name"] == "rose" and self._id.rpartition("/")[2] in targets:
            raise TargetError("no space is left")
        return put(self, manifest, expected, force=force)

    monkeypatch.setattr(DirectoryConnection, "put", failing)
    return targets


def test_where_all_is_well_one_run_brings_a_change_everywhere(fleet: Site) -> None:
    fleet.models("iris", version="2.0")
    fleet.commit()
    assert words(fleet.once()) == dict.fromkeys(ALL, "applied")
    order = [line["target"] for line in fleet.told() if line["message"] == "applied"][-3:]
    assert order[0] == "there"


def test_a_soak_keeps_the_others_waiting_and_a_later_run_goes_on(fleet: Site) -> None:
    fleet.reconcile(waves={"canary": ["there"], "soak": "3s"})
    fleet.models("iris", version="2.0")
    fleet.commit()
    state = fleet.once()
    assert words(state) == {"here": "waiting", "there": "applied", "yonder": "waiting"}
    assert versions(fleet) == {"here": "1.0", "there": "2.0", "yonder": "1.0"}
    result = of(state, "here").result
    assert result
    assert "canary there comes first: is ready, and soaks" in result.reason
    fleet.reconcile(waves={"canary": ["there"], "maxUnavailable": 2})  # other terms, the same rollout
    fleet.commit()
    fleet.once()
    assert versions(fleet) == dict.fromkeys(ALL, "2.0")


def stopped(site: Site, broken: set[str]) -> State:
    """The state after the canary failed with what else the same commit brings."""
    broken.add("there")
    site.models("iris", "rose", version="2.0")
    site.commit()
    return site.once()


def test_a_canary_that_fails_stops_the_rollout_until_it_is_resumed(fleet: Site, broken: set[str]) -> None:
    state = stopped(fleet, broken)
    assert words(state) == {"here": "waiting", "there": "failed", "yonder": "waiting"}
    result = of(state, "here").result
    assert result
    assert result.reason.endswith("the rollout stopped, since there failed: " + of(state, "there").result.reason)  # type: ignore[union-attr]
    assert "mlgitops rollout resume --env dev" in result.help
    broken.clear()
    assert words(fleet.once()) == {"here": "waiting", "there": "applied", "yonder": "waiting"}
    fleet.ask(Verb.RESUME)
    fleet.once()
    assert words(fleet.once()) == dict.fromkeys(ALL, "in-sync")
    assert versions(fleet) == dict.fromkeys(ALL, "2.0")


def test_a_rollout_that_is_aborted_leaves_the_others_as_they_are(fleet: Site, broken: set[str]) -> None:
    stopped(fleet, broken)
    fleet.ask(Verb.ABORT)
    fleet.once()
    broken.clear()
    assert words(fleet.once()) == dict.fromkeys(ALL, "waiting")
    assert versions(fleet) == {"here": "1.0", "there": "2.0", "yonder": "1.0"}


def test_a_new_commit_begins_a_rollout_of_its_own(fleet: Site, broken: set[str]) -> None:
    stopped(fleet, broken)
    broken.clear()
    fleet.models("iris", version="3.0")
    fleet.commit()
    assert words(fleet.once()) == dict.fromkeys(ALL, "applied")
    assert versions(fleet) == dict.fromkeys(ALL, "3.0")


def test_a_target_that_cannot_be_read_holds_no_room(fleet: Site) -> None:
    damaged = fleet.root / "clusters/here/.mlgitops/shop.dev.here/inventory"
    kept = damaged.read_text()
    damaged.write_text("{}")
    fleet.models("iris", version="2.0")
    fleet.commit()
    assert words(fleet.once()) == {"here": "unreachable", "there": "applied", "yonder": "applied"}
    damaged.write_text(kept)
    assert words(fleet.once()) == {"here": "applied", "there": "in-sync", "yonder": "in-sync"}


def change(site: Site, runtime: str) -> None:
    service = site.service()
    service.write_text(service.read_text().replace("kserve-sklearnserver", runtime))


def test_what_is_changed_again_and_again_is_left_alone_and_told_until_it_ends(site: Site) -> None:
    site.models("iris", "rose")
    site.commit()
    site.once()
    for number in range(3):
        change(site, f"runtime-{number}")
        assert of(site.once()).word is Word.APPLIED
    change(site, "runtime-4")
    site.service(name="rose").unlink()
    state = of(site.once())
    assert state.result
    assert (state.word, "runtime-4" in site.service().read_text()) == (Word.FIGHTING, True)
    assert (
        "spec.predictor.model.runtime of models/InferenceService/iris is changed again and again" in state.result.reason
    )
    assert "it was put back 3 times" in state.result.reason
    assert site.service(name="rose").exists()  # the others are repaired as before
    assert of(site.once()).word is Word.FIGHTING
    site.models("iris", "rose", version="2.0")
    site.commit()
    assert of(site.once()).word is Word.APPLIED
    assert "runtime-4" not in site.service().read_text()
