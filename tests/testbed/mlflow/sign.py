"""Signs a model's files by model-signing's own library: run by the Python that has it.

``python sign.py MODEL PRIVATE_KEY BUNDLE``; prints the digest that is signed.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

from model_signing import signing


def main(model: str, key: str, bundle: str) -> None:
    """One bundle of one model."""
    signing.Config().use_elliptic_key_signer(private_key=Path(key)).sign(model, bundle)
    envelope = json.loads(Path(bundle).read_bytes())["dsseEnvelope"]
    print("sha256:" + json.loads(base64.b64decode(envelope["payload"]))["subject"][0]["digest"]["sha256"])


if __name__ == "__main__":
    main(*sys.argv[1:])
