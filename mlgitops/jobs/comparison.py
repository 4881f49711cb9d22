"""Whether columns come from where the reference came from: one test a feature, corrected for their number. Pure.

A feature has drifted where two things hold: the difference is no chance (its p-value, corrected over all features by
Benjamini and Yekutieli, whatever depends on what, is at most ``significance``), and it is large (its measure is above
``threshold``). The first alone would call every small difference of a large sample drift, the second alone every chance
of a small one. All tests are scipy's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from mlgitops.jobs.columns import Columns, Value, height_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Measure = Literal["psi", "ks", "wasserstein"]

LEAST_ROWS = 30
"""With fewer values of a feature on either side, nothing is said about them."""
BINS = 10
"""The population stability index counts in tenths of the reference, as is usual."""
_LEAST_EXPECTED = 5
"""What a cell of the chi-squared test must expect; rarer categories are counted together (Cochran's rule)."""


@dataclass(frozen=True, slots=True)
class Feature:
    """How one feature compares. ``value`` is the measure's; ``missing`` the share of rows that do not give it."""

    name: str
    kind: Literal["number", "text"]
    value: float
    p_value: float
    missing: float
    drifted: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """When a feature has drifted."""

    measure: Measure = "psi"
    threshold: float = 0.2
    significance: float = 0.01


def compare(reference: Columns, current: Columns, limits: Limits) -> tuple[Feature, ...]:
    """Every feature of the reference that can be told about, in its order. Others of the current data are passed over.

    A feature that the current data does not have at all is missing in every row of it.
    """
    from scipy.stats import false_discovery_control

    rows = height_of(current)
    pairs = [(name, column, current.get(name, [None] * rows)) for name, column in reference.items()]
    found = [one for name, old, new in pairs if (one := _feature(name, old, new, limits)) is not None]
    if not found:
        return ()
    corrected = false_discovery_control([one.p_value for one in found], method="by")
    return tuple(_judged(one, float(p), limits) for one, p in zip(found, corrected, strict=True))


def _judged(feature: Feature, p_value: float, limits: Limits) -> Feature:
    drifted = p_value <= limits.significance and feature.value > limits.threshold
    return replace(feature, p_value=p_value, drifted=drifted)


def _feature(name: str, old: Sequence[Value], new: Sequence[Value], limits: Limits) -> Feature | None:
    """One feature: of its values and of how many are missing, whatever differs more."""
    if len(old) < LEAST_ROWS or len(new) < LEAST_ROWS:
        return None
    before, after = _there(old), _there(new)
    kind = _kind(before)
    if kind == "number":  # a text is none; else one client's single text would make the feature incomparable
        new = [None if isinstance(value, str) else value for value in new]
        after = _there(new)
    missing = 1 - len(after) / len(new)
    gone, chance = abs(missing - (1 - len(before) / len(old))), _chance_of_missing(old, new)
    if min(len(before), len(after)) < LEAST_ROWS:
        return Feature(name, kind, gone, chance, missing)
    told, p_value = (_numbers if kind == "number" else _texts)(before, after, limits.measure)
    twice = 2 if gone else 1  # two tests, so that each must be twice as sure
    return Feature(name, kind, max(told, gone), min(1.0, twice * min(p_value, chance)), missing)


def _there(column: Sequence[Value]) -> list[float | str]:
    return [value for value in column if value is not None]


def _kind(before: Sequence[Value]) -> Literal["number", "text"]:
    """What the reference says that it is."""
    return "text" if any(isinstance(value, str) for value in before) else "number"


def _chance_of_missing(old: Sequence[Value], new: Sequence[Value]) -> float:
    from scipy.stats import fisher_exact

    table = [[column.count(None), len(column) - column.count(None)] for column in (list(old), list(new))]
    return float(fisher_exact(table).pvalue)


def _numbers(before: Sequence[Any], after: Sequence[Any], measure: Measure) -> tuple[float, float]:
    import numpy as np
    from scipy.stats import ks_2samp, wasserstein_distance

    old, new = np.asarray(before, float), np.asarray(after, float)
    test = ks_2samp(old, new, method="asymp")
    if measure == "ks":
        return float(test.statistic), float(test.pvalue)
    if measure == "psi":
        edges = _edges(old)
        return _psi(_counted(old, edges), _counted(new, edges)), float(test.pvalue)
    spread = float(old.std()) or 1.0  # in the reference's own spread, so that units do not matter
    return float(wasserstein_distance(old, new)) / spread, float(test.pvalue)


def _edges(values: NDArray[Any]) -> NDArray[Any]:
    """The deciles. A value that is several of them has a bin of its own, so that what is below it is told from it."""
    import numpy as np

    edges, counts = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]), return_counts=True)
    return np.union1d(edges, np.nextafter(edges[counts > 1], -np.inf))


def _counted(values: NDArray[Any], edges: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)


def _texts(before: Sequence[Any], after: Sequence[Any], measure: Measure) -> tuple[float, float]:
    """By the counts of each text; for the measures that need an order, by the largest share that moved."""
    import numpy as np

    counts = [Counter(map(str, column)) for column in (before, after)]
    names = sorted(counts[0].keys() | counts[1].keys())
    old, new = (np.array([one[name] for name in names], float) for one in counts)
    p_value = _chance_of_counts(old, new)
    if measure == "psi":
        return _psi(old, new), p_value
    return float(np.abs(old / old.sum() - new / new.sum()).sum() / 2), p_value


def _chance_of_counts(old: NDArray[Any], new: NDArray[Any]) -> float:
    import numpy as np
    from scipy.stats import chi2_contingency

    least = (old + new) * min(old.sum(), new.sum()) / (old.sum() + new.sum())
    rare = least < _LEAST_EXPECTED
    table = np.array([[*one[~rare], *([one[rare].sum()] if rare.any() else [])] for one in (old, new)])
    table = table[:, table.sum(axis=0) > 0]
    return float(chi2_contingency(table).pvalue) if table.shape[1] > 1 else 1.0


def _psi(old: NDArray[Any], new: NDArray[Any]) -> float:
    """The population stability index of two rows of counts; half a row is added to each, so that none is empty.
    Bins that are empty in both do not count."""
    import numpy as np

    used = (old + new) > 0
    before, after = (((one[used] + 0.5) / (one[used] + 0.5).sum()) for one in (old, new))
    return float(((after - before) * np.log(after / before)).sum())
