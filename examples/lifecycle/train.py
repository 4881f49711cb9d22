"""Trains the model of docs/lifecycle.md into work/; the argument is how far it may follow single flowers."""

import hashlib
import json
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

work, flowers = Path("work"), load_iris()
work.mkdir(exist_ok=True)
train, test, species, expected = train_test_split(flowers.data, flowers.target, test_size=0.4, random_state=1)
model = LogisticRegression(C=float(sys.argv[1]), max_iter=1000).fit(train, species)
joblib.dump(model, work / "model.joblib")
digest = hashlib.sha256((work / "model.joblib").read_bytes()).hexdigest()
(work / "digest").write_text(f"sha256:{digest}")
measured_on = hashlib.sha256(test.tobytes()).hexdigest()
measured = {"metrics": {"accuracy": model.score(test, expected)}, "dataDigest": f"sha256:{measured_on}"}
(work / "metrics.json").write_text(json.dumps(measured))
names = "sepal-length,sepal-width,petal-length,petal-width"
np.savetxt(work / "reference.csv", train, "%.1f", ",", header=names, comments="")
