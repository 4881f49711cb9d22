"""Real data: scikit-learn's bundled sets, as tables that a model is trained on and asked with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def cancer() -> tuple[list[str], Any]:
    """569 rows of 30 features, many of which depend on each other."""
    from sklearn.datasets import load_breast_cancer  # a second, which every worker would wait for

    found = load_breast_cancer()
    return [str(name) for name in found.feature_names], found.data


@pytest.fixture(scope="session")
def wine() -> tuple[list[str], Any]:
    """178 rows of 13 features."""
    from sklearn.datasets import load_wine

    found = load_wine()
    return [str(name) for name in found.feature_names], found.data


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(8)
