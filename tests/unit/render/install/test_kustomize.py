from __future__ import annotations

from pathlib import Path

import yaml

from mlgitops.render.install.kustomize import files

DEPLOY = Path(__file__).resolve().parents[4] / "deploy"


def test_deploy_is_what_is_rendered() -> None:
    there = {path.relative_to(DEPLOY).as_posix(): path.read_text() for path in DEPLOY.rglob("*") if path.is_file()}
    assert there == files(), "run `make deploy`"


def test_every_file_is_a_resource_of_its_folder() -> None:
    made = files()
    for path, text in made.items():
        folder, _, name = path.rpartition("/")
        if name == "kustomization.yaml":
            listed = {f"{folder}/{one}" for one in yaml.safe_load(text)["resources"] if one != "../base"}
            assert listed == {one for one in made if one.startswith(f"{folder}/")} - {path}


def test_the_overlays_share_a_base() -> None:
    for name in ("deployment", "cronjob"):
        assert yaml.safe_load(files()[f"{name}/kustomization.yaml"])["resources"][0] == "../base"
