from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.entries import Entry, Place
from mlgitops.render.overlay.units import Names, Units, units

Make = Callable[..., Manifest]
PLACE = Place("", "patches", 0)


def divided(
    manifests: Sequence[Manifest],
    entries: Iterable[Entry] = (),
    everywhere: Iterable[int] = (),
    affixes: tuple[str, str] = ("", ""),
) -> Units:
    return units(manifests, Names(manifests, *affixes), entries, everywhere, 20)


def test_objects_of_one_owner_stay_together_and_others_apart(a_manifest: Make) -> None:
    manifests = [
        a_manifest("A", "x", "one"),
        a_manifest("A", "y", "two"),
        a_manifest("B", "z", "one"),
        a_manifest("A", "w"),
    ]

    assert divided(manifests) == Units(((0, 2), (1,), (3,)), ())


def test_a_string_that_is_anothers_name_ties_them(a_manifest: Make) -> None:
    manifests = [a_manifest("A", "x", spec={"deep": [{"ref": "z"}]}), a_manifest("A", "y"), a_manifest("B", "z")]

    assert divided(manifests).together == ((0, 2), (1,))


def test_a_name_counts_in_every_form_it_has_on_the_way(a_manifest: Make) -> None:
    for form in ("z", "p-z", "p-z-s"):
        manifests = [a_manifest("A", "x", spec={"ref": form}), a_manifest("B", "z")]
        assert divided(manifests, affixes=("p-", "-s")).together == ((0, 1),)
    assert len(divided([a_manifest("A", "x", spec={"ref": "z-s"}), a_manifest("B", "z")]).together) == 2


def test_objects_that_may_come_to_have_one_identity_stay_together(a_manifest: Make) -> None:
    manifests = [
        a_manifest("A", "x", namespace="a"),
        a_manifest("A", "x", namespace="b"),
        a_manifest("B", "x", namespace="a"),
        a_manifest("Namespace", "n"),
        a_manifest("Namespace", "m"),
    ]

    assert divided(manifests).together == ((0, 1), (2,), (3, 4))


def test_a_patch_ties_what_it_changes_with_what_it_mentions(a_manifest: Make) -> None:
    manifests = [a_manifest("A", "x"), a_manifest("A", "y"), a_manifest("A", "z"), a_manifest("B", "y")]
    by_name = Entry(PLACE, wanted=(frozenset({("A", "x")}),), mentioned=frozenset({"z"}))
    by_target = Entry(PLACE, target="y", mentioned=frozenset({"z"}))

    assert divided(manifests, [by_name]).together == ((0, 2), (1,), (3,))
    assert divided(manifests, [by_target]).together == ((0,), (1, 2, 3))


def test_what_a_patch_of_any_object_mentions_is_everywhere(a_manifest: Make) -> None:
    manifests = [a_manifest("A", "x"), a_manifest("A", "y", "m"), a_manifest("A", "z", "m")]

    assert divided(manifests, [Entry(PLACE, mentioned=frozenset({"z"}))]) == Units(((0,),), (1, 2))


def test_what_is_everywhere_brings_along_what_it_uses(a_manifest: Make) -> None:
    manifests = [
        a_manifest("A", "x", spec={"ref": "y"}),
        a_manifest("A", "y", spec={"ref": "z"}),
        *map(a_manifest, "AA", "zw"),
    ]

    assert divided(manifests, everywhere=[0]) == Units(((3,),), (0, 1, 2))


def test_an_object_that_many_use_is_everywhere_with_what_it_uses(a_manifest: Make) -> None:
    users = [a_manifest("A", f"x{n}", spec={"ref": "hub"}) for n in range(5)]
    manifests = [*users, a_manifest("B", "hub", spec={"ref": "more"}), a_manifest("B", "more")]

    assert divided(manifests) == Units(((0,), (1,), (2,), (3,), (4,)), (5, 6))
    assert divided(manifests[3:]).together == ((0, 1, 2, 3),)
