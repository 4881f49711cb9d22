from __future__ import annotations

import json

from mlgitops.render.overlay.references import walk
from mlgitops.render.overlay.secrets import secret_strings


def test_every_place_of_a_secret_is_known() -> None:
    inline = {"kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "canary-inline"}}
    operation = [{"op": "add", "path": "/data/x", "value": "canary-operation"}]
    kustomization = {
        "resources": ["secret.yaml", "plain.yaml"],
        "patches": [
            {"patch": json.dumps(inline)},
            {"patch": json.dumps(operation), "target": {"kind": "Secret"}},
            {"patch": json.dumps([{"op": "add", "path": "/x", "value": "not-hidden"}]), "target": {"kind": "Other"}},
        ],
        "secretGenerator": [
            {"name": "a", "literals": ["key=canary-literal", "quoted='canary-quoted'"]},
            {"name": "b", "files": ["f=./sub/file.txt", "plain.txt"], "envs": ["e.env"]},
            {"name": "c", "env": "f.env"},
        ],
        "configMapGenerator": [{"name": "d", "literals": ["key=not-hidden"]}],
    }
    files = {
        "p/kustomization.yaml": json.dumps(kustomization).encode(),
        "p/secret.yaml": b"kind: Secret\nmetadata: {name: a}\ndata: {a: Y2FuYXJ5}\nstringData: {n: 314159, m: abc}",
        "p/plain.yaml": b"kind: ConfigMap\nmetadata: {name: a}\ndata: {a: not-hidden}",
        "p/sub/file.txt": b"canary-line one\ncanary-line-two\n",
        "p/plain.txt": b"canary-plain",
        "p/e.env": b"TOKEN=canary-env",
        "p/f.env": b"TOKEN=canary-single",
    }
    rendered = {"kind": "Secret", "metadata": {"name": "r"}, "data": {"x": "canary-rendered"}}

    found = secret_strings([rendered], walk("p", files), files)

    assert {word for word in found if "canary-" in word and "=" not in word} == {
        "canary-inline", "canary-operation", "canary-literal", "canary-quoted", "canary-line", "canary-line-two",
        "canary-plain", "canary-env", "canary-single", "canary-rendered",
    }  # fmt: skip
    assert {"Y2FuYXJ5", "314159"} <= found
    assert not {"not-hidden", "abc"} & found
