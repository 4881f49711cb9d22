"""Where data of a class may be, and where buckets and registries are."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mlgitops.spec.fields import Block, Cloud, Items, Line, Name, Uri


class ResidencyRule(Block):
    """Where data of one class may be used and stored. A list that is left out allows everything."""

    jurisdictions: Annotated[
        tuple[Name, ...], Items, Field(description="Jurisdictions, as Targets and locations name them: eu, ch.")
    ] = ()
    clouds: Annotated[tuple[Cloud, ...], Items, Field(description="Clouds: aws, gcp, azure, onprem.")] = ()
    regions: Annotated[
        tuple[Line, ...], Items, Field(description="Regions or sites: eu-central-1, factory-floor.")
    ] = ()
    reason: Annotated[
        Line | None, Field(description="Why, for whoever meets the rule: a law, a contract, a decision.")
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.jurisdictions or self.clouds or self.regions):
            raise ValueError("give jurisdictions, clouds or regions, with at least one item")
        return self


class StorageLocation(Block):
    """Where what is under a URI lies: a bucket, a container, a registry."""

    prefix: Annotated[Uri, Field(description="The beginning of its URIs: s3://BUCKET, gs://BUCKET/PATH, oci://HOST.")]
    cloud: Annotated[
        Cloud | None, Field(description="The cloud; what the URI tells (gs: gcp) where this is left out.")
    ] = None
    region: Annotated[Line | None, Field(description="The cloud's region or the site.")] = None
    jurisdiction: Annotated[Name | None, Field(description="Whose law holds there: eu, ch, us.")] = None
