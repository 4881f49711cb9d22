"""Serves a scikit-learn model that it trains itself, by KServe's own server: run by another Python than the tests'.

``python model_server.py PORT`` on the loopback interface; the model is called iris. Ends when its standard input does.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import uvicorn
from kserve import Model, ModelRepository
from kserve.model_server import app  # the one that create_application fills
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer
from kserve.utils.utils import get_predict_input, get_predict_response
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression


class Iris(Model):
    """Names the species of an iris by its four measurements."""

    def __init__(self) -> None:
        super().__init__("iris")
        flowers = load_iris()
        self.fitted = LogisticRegression(max_iter=500).fit(flowers.data, flowers.target)
        self.ready = True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        """The species of each row, for version 1 and 2 of the protocol."""
        return get_predict_response(payload, self.fitted.predict(get_predict_input(payload)), self.name)


def main(port: int) -> None:
    """Serves until standard input ends."""
    models = ModelRepository()
    models.update(Iris())
    RESTServer("", DataPlane(models), ModelRepositoryExtension(models), port).create_application()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_input, daemon=True).start()
    main(int(sys.argv[1]))
