from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.check.locality import Whereabouts, is_far, is_under, of_target, of_uri, verdict
from mlgitops.spec.residency import ResidencyRule, StorageLocation
from mlgitops.spec.target import TargetSpec

LOCATIONS = [
    StorageLocation.model_validate({"prefix": "gs://models", "region": "us-central1", "jurisdiction": "us"}),
    StorageLocation.model_validate({"prefix": "gs://models/eu", "region": "europe-west6", "jurisdiction": "ch"}),
    StorageLocation.model_validate({"prefix": "s3://minio", "cloud": "onprem", "region": "basel"}),
]


def target(cloud: str = "aws", region: str | None = "eu-central-1", jurisdiction: str | None = "eu") -> TargetSpec:
    given: dict[str, Any] = {"cloud": cloud, "region": region, "jurisdiction": jurisdiction, "connection": {"git": {}}}
    return TargetSpec.model_validate(given)


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("s3://bucket/a", Whereabouts("aws")),
        ("gs://bucket/a", Whereabouts("gcp")),
        ("https://account.blob.core.windows.net/c/a", Whereabouts("azure")),
        ("https://example.com/a", Whereabouts()),
        ("hf://org/model", Whereabouts()),
        ("oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/m:1", Whereabouts("aws", "eu-west-1")),
        ("oci://europe-west6-docker.pkg.dev/p/m:1", Whereabouts("gcp", "europe-west6")),
        ("oci://europe-docker.pkg.dev/p/m:1", Whereabouts("gcp")),
        ("oci://models.azurecr.io/m:1", Whereabouts("azure")),
        ("oci://ghcr.io/m:1", Whereabouts()),
        ("pvc://volume/a", Whereabouts("aws", "eu-central-1", "eu")),
        ("gs://models/a", Whereabouts("gcp", "us-central1", "us")),
        ("gs://models", Whereabouts("gcp", "us-central1", "us")),
        ("gs://models-old/a", Whereabouts("gcp")),
        ("gs://models/eu/a", Whereabouts("gcp", "europe-west6", "ch")),
        ("gs://models/europe/a", Whereabouts("gcp", "us-central1", "us")),
        ("s3://minio/a", Whereabouts("onprem", "basel")),
    ],
)
def test_a_uri_and_the_longest_declared_prefix_say_where_it_leads(uri: str, place: Whereabouts) -> None:
    assert of_uri(uri, LOCATIONS, target()) == place


def test_s3_on_a_cluster_of_ones_own_may_be_anybodys() -> None:
    assert of_uri("s3://bucket/a", [], target("onprem")) == Whereabouts()


@pytest.mark.parametrize(
    ("place", "far"),
    [
        (Whereabouts("gcp"), True),
        (Whereabouts("aws"), False),
        (Whereabouts(), False),
        (Whereabouts("aws", "eu-central-1"), False),
        (Whereabouts("aws", "eu-west-1"), True),
        (Whereabouts(None, "eu-west-1"), True),
    ],
)
def test_only_what_is_known_to_be_elsewhere_is_far(place: Whereabouts, far: bool) -> None:
    assert is_far(place, of_target(target())) is far
    assert is_far(Whereabouts("aws", "eu-west-1"), Whereabouts("aws")) is False


def test_a_prefix_ends_at_a_slash() -> None:
    assert is_under("s3://a/b/c", "s3://a/b/")
    assert not is_under("s3://a/bc", "s3://a/b")


CLOUDS = st.sampled_from(["aws", "gcp", "azure", "onprem"])
NAMES = st.sampled_from(["eu", "ch", "us"])
PLACES = st.builds(Whereabouts, st.none() | CLOUDS, st.none() | NAMES, st.none() | NAMES)
FIELDS = ("clouds", "regions", "jurisdictions")


@st.composite
def rules(draw: st.DrawFn) -> ResidencyRule:
    lists = {"clouds": draw(st.lists(CLOUDS)), "regions": draw(st.lists(NAMES)), "jurisdictions": draw(st.lists(NAMES))}
    lists["clouds"] = lists["clouds"] or ([] if any(lists.values()) else ["aws"])
    return ResidencyRule.model_validate(lists)


def bounds(rule: ResidencyRule, place: Whereabouts) -> list[tuple[tuple[str, ...], str | None]]:
    values = (place.cloud, place.region, place.jurisdiction)
    return [(getattr(rule, field), value) for field, value in zip(FIELDS, values, strict=True) if getattr(rule, field)]


@given(rules(), PLACES)
def test_data_may_be_where_every_list_that_is_given_has_what_the_place_is(
    rule: ResidencyRule, place: Whereabouts
) -> None:
    asked = bounds(rule, place)
    decided, words = verdict(rule, place)
    if any(value is not None and value not in allowed for allowed, value in asked):
        assert decided == "forbidden"
    elif any(value is None for _, value in asked):
        assert decided == "unknown"
    else:
        assert decided == "allowed"
    assert bool(words) is (decided != "allowed")


@given(rules(), PLACES, NAMES)
def test_to_know_more_never_allows_what_is_forbidden(rule: ResidencyRule, place: Whereabouts, name: str) -> None:
    told = Whereabouts(place.cloud, place.region or name, place.jurisdiction)
    if verdict(rule, place)[0] == "forbidden":
        assert verdict(rule, told)[0] == "forbidden"
