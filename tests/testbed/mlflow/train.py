"""Trains a model of irises and registers it as a data scientist does: run by the Python that has MLflow.

``python train.py URL NAME ALIAS``; prints what it made as JSON.
"""

from __future__ import annotations

import json
import sys

import mlflow
import pandas as pd
from mlflow.models import infer_signature
from mlflow.tracking import MlflowClient
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def main(url: str, name: str, alias: str) -> None:
    """One run, one logged model, one version with an alias."""
    mlflow.set_tracking_uri(url)
    mlflow.set_experiment("irises")
    features, species = load_iris(return_X_y=True, as_frame=True)
    with mlflow.start_run() as run:
        model = LogisticRegression(max_iter=500, C=0.5).fit(features, species)
        mlflow.log_params({"C": 0.5, "api_key": "canary-param-7"})
        mlflow.log_metrics({"accuracy": float(model.score(features, species))})
        mlflow.log_input(mlflow.data.from_pandas(pd.concat([features, species], axis=1), name="iris"), "training")
        mlflow.set_tags({"mlflow.source.git.commit": COMMIT, "mlgitops.dataDigest": "sha256:" + "ab" * 32})
        signature = infer_signature(features, model.predict(features))
        logged = mlflow.sklearn.log_model(model, name="model", signature=signature)
    client = MlflowClient()
    client.create_registered_model(name)
    made = client.create_model_version(
        name, logged.model_uri, run.info.run_id, model_id=logged.model_id, tags={"stage": "trial"}
    )
    client.set_registered_model_alias(name, alias, made.version)
    print(json.dumps({"version": made.version, "run": run.info.run_id, "model": logged.model_id,
                      "accuracy": float(model.score(features, species))}))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
