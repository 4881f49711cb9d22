"""Leadership among replicas, and what they keep for one another, on a real API."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mlgitops.controller import map_store
from mlgitops.controller.map_store import MapStore
from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.errors import MlgitopsError, TargetError
from mlgitops.targets.kept import KeptConnections
from mlgitops.targets.kubernetes import configuration
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.leadership import LeaderLease
from mlgitops.targets.kubernetes.membership import Membership
from mlgitops.targets.kubernetes.notes import LARGEST, LONGEST_PLAIN, Notes
from tests.testbed.control_plane import ADMIN
from tests.testbed.proxy import Exchange, FaultProxy

SECONDS = 60.0
NAME = "mlgitops-controller"


@pytest.fixture
def client(target: Any) -> Client:
    return Client(lambda: configuration.load({"kubeconfig": str(target.kubeconfig)}, Path("/")))


@pytest.fixture
def replica(target: Any, client: Client) -> Iterator[Callable[..., LeaderLease]]:
    """``replica()``: one of several; all of them are gone at the end."""
    made: list[LeaderLease] = []

    def one(with_client: Client | None = None) -> LeaderLease:
        made.append(LeaderLease(with_client or client, target.namespace, NAME))
        return made[-1]

    yield one
    for lease in made:
        lease.release()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_one_of_many_leads_and_another_one_follows_it_at_once(replica: Callable[..., LeaderLease]) -> None:
    told = threading.Event()
    replicas = [replica() for _ in range(3)]
    for one in replicas:
        one.campaign(told.set)
    until(lambda: any(one.leads() for one in replicas))
    assert told.wait(SECONDS)
    time.sleep(1)
    (leader,) = [one for one in replicas if one.leads()]
    leader.release()
    assert not leader.leads()
    until(lambda: any(one.leads() for one in replicas))
    assert [one.leads() for one in replicas].count(True) == 1


def test_whoever_wants_to_lead_once_is_told_who_does(replica: Callable[..., LeaderLease]) -> None:
    first, second = replica(), replica()
    first.acquire()
    with pytest.raises(TargetError, match="another replica leads: process "):
        second.acquire()
    first.release()
    second.acquire()
    assert second.leads()


@pytest.mark.slow
def test_a_leader_that_is_cut_off_from_its_cluster_knows_that_it_leads_no_longer_before_anybody_else_does(
    target: Any, client: Client, replica: Callable[..., LeaderLease]
) -> None:
    cut = threading.Event()

    def silent(exchange: Exchange) -> None:
        exchange.blackhole()

    with FaultProxy(target.plane.apiserver, lambda _: silent if cut.is_set() else None) as proxy:
        kubeconfig = target.plane.write_kubeconfig("cut-off", proxy.access(ADMIN))
        leader = replica(Client(lambda: configuration.load({"kubeconfig": str(kubeconfig)}, Path("/"))))
        leader.acquire()
        cut.set()
        other, both = replica(), []
        other.campaign(lambda: None)
        while not other.leads():
            both.append(leader.leads() and other.leads())
            time.sleep(0.01)
        assert not any(both)
        assert not leader.leads()
        with pytest.raises(MlgitopsError), leader.only_while():
            Notes(client, target.namespace, NAME).change(lambda texts: {**texts, "state": "older"})
    assert Notes(client, target.namespace, NAME).read() == {}


def test_changes_that_many_make_at_once_are_all_there(target: Any, client: Client) -> None:
    def add(number: int) -> None:
        Notes(client, target.namespace, NAME).change(lambda texts: {**texts, f"key-{number}": str(number)})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(8)))
    assert Notes(client, target.namespace, NAME).read() == {f"key-{number}": str(number) for number in range(8)}


def test_a_long_text_is_kept_whole_and_one_that_is_too_long_refused(target: Any, client: Client) -> None:
    notes = Notes(client, target.namespace, NAME)
    long = "".join(f"line {number}\n" for number in range(LONGEST_PLAIN))
    notes.change(lambda texts: {"long": long, "short": "ü"})
    assert Notes(client, target.namespace, NAME).read() == {"long": long, "short": "ü"}
    with pytest.raises(TargetError, match="too large"):
        notes.change(lambda texts: {f"{number}": "x" * LONGEST_PLAIN for number in range(LARGEST // LONGEST_PLAIN + 1)})


def state(looked: float = 0.0, word: Word = Word.IN_SYNC) -> State:
    return State("c1", targets={Key("prod", "aws"): TargetState("d", Result(word), looked=looked)})


def test_a_state_is_written_when_something_is_new_and_read_by_the_next_leader(target: Any, client: Client) -> None:
    notes = Notes(client, target.namespace, NAME)
    store = MapStore(notes, nullcontext)
    assert store.read() == State()
    store.write(state())
    path = f"/api/v1/namespaces/{target.namespace}/configmaps/{NAME}"
    version = client.get(path)["metadata"]["resourceVersion"]
    store.write(state(looked=9.0))
    assert client.get(path)["metadata"]["resourceVersion"] == version
    store.write(state(word=Word.FAILED))
    assert MapStore(notes, nullcontext).read() == state(word=Word.FAILED)


def test_a_request_is_taken_once_and_leaves_the_state_alone(target: Any, client: Client) -> None:
    notes = Notes(client, target.namespace, NAME)
    store = MapStore(notes, nullcontext)
    store.write(state())
    request = Request(Verb.RESUME, "prod")
    MapStore(notes, nullcontext).ask(request)
    notes.change(lambda texts: {**texts, "request__nonsense": "{"})
    assert store.requests() == [request]
    assert (store.requests(), set(notes.read()), store.read()) == ([], {"state"}, state())


def test_a_webhook_is_passed_on_to_those_that_are_there_once(target: Any, client: Client) -> None:
    notes = Notes(client, target.namespace, NAME)
    poked: list[str] = []
    stores = {name: MapStore(notes, nullcontext, name) for name in ("one", "two", "gone")}
    for name, store in stores.items():
        store.listen(partial(poked.append, name))
    stores["one"].pass_on({"two", "gone"})
    stores["one"].pass_on({"two"})
    assert set(notes.read()) == {"look_two"}
    assert [store.requests() for store in stores.values()] == [[], [], []]
    assert (poked, notes.read()) == (["two"], {})


def test_a_kept_connection_asks_what_the_cluster_serves_once_and_the_target_each_time(target: Any) -> None:
    connection = {"kubernetes": {"kubeconfig": str(target.kubeconfig), "namespace": target.namespace}}
    kept = KeptConnections(Path("/"))
    manifest = target.make("a", data={"v": "1"})
    target.apply(manifest)
    with target.plane.audit.recording() as recorded:
        for _ in range(3):
            opened = kept.open(connection, target.inventory_id)
            assert len(opened.live([])) == 1
        kept.forget(connection)
        kept.open(connection, target.inventory_id).live([])
    asked = [event.uri.partition("?")[0] for event in recorded.events]
    assert asked.count("/apis") == 2
    assert sum(uri.endswith("/configmaps") for uri in asked) == 4


@pytest.fixture
def member(target: Any, client: Client) -> Iterator[Callable[[str], Membership]]:
    """``member(name)``: one of those that share their work; all of them are gone at the end."""
    made: list[Membership] = []

    def one(name: str) -> Membership:
        made.append(Membership(client, target.namespace, NAME, name))
        return made[-1]

    yield one
    for membership in made:
        membership.release()


def test_replicas_that_share_their_work_see_each_other_come_and_go(
    target: Any, member: Callable[[str], Membership], replica: Callable[..., LeaderLease]
) -> None:
    replica().acquire()  # a Lease of another kind beside theirs
    told = threading.Event()
    first, second = member("one"), member("two")
    first.campaign(told.set)
    until(first.leads)
    assert first.share() == ("one", frozenset({"one"}))
    second.campaign(lambda: None)
    until(lambda: first.share()[1] == second.share()[1] == {"one", "two"})
    assert told.is_set()
    second.release()
    until(lambda: first.share()[1] == {"one"})
    assert first.leads()
    assert not second.leads()


def test_no_two_replicas_have_one_name(member: Callable[[str], Membership]) -> None:
    member("one").acquire()
    with pytest.raises(TargetError, match="another replica calls itself one"):
        member("one").acquire()


def test_what_one_replica_knows_is_there_for_whoever_takes_over(target: Any, client: Client) -> None:
    notes = Notes(client, target.namespace, NAME)
    one, two = MapStore(notes, nullcontext, "one"), MapStore(notes, nullcontext, "two")
    one.write(state(looked=time.time()))
    two.write(State("c1", targets={Key("prod", "gcp"): TargetState("d", Result(Word.FAILED), looked=time.time())}))
    assert set(two.read().targets) == {Key("prod", "aws"), Key("prod", "gcp")}
    request = Request(Verb.APPROVE, "prod")
    MapStore(notes, nullcontext).ask(request)
    assert (one.requests(), two.requests()) == ([request], [request])


def test_what_a_replica_knew_that_is_gone_for_long_is_forgotten(
    target: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes(client, target.namespace, NAME)
    MapStore(notes, nullcontext, "gone").write(state(looked=1.0))
    store = MapStore(notes, nullcontext, "one", lambda: {"one"})
    assert store.read().targets
    store.write(state(looked=2.0))
    assert set(notes.read()) == {"state_one", "state_gone"}
    monkeypatch.setattr(map_store, "FORGOTTEN_SECONDS", 0.0)
    store.write(state(looked=3.0, word=Word.FAILED))
    assert set(notes.read()) == {"state_one"}


def test_what_a_replica_knows_that_has_seen_nothing_new_for_long_stays(
    target: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_store, "FORGOTTEN_SECONDS", 0.0)
    notes, there = Notes(client, target.namespace, NAME), {"one", "quiet"}
    MapStore(notes, nullcontext, "quiet", lambda: there).write(state(looked=1.0))
    store = MapStore(notes, nullcontext, "one", lambda: there)
    store.read()
    store.write(state(looked=time.time()))
    assert set(notes.read()) == {"state_one", "state_quiet"}
