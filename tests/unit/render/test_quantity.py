from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.render.quantity import canonical
from mlgitops.spec.quantities import amount


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1", "1"),
        ("1.0", "1"),
        ("1.5", "1500m"),
        ("1000m", "1"),
        ("0.0001", "100u"),
        ("1000", "1k"),
        ("2.50G", "2500M"),
        ("512Mi", "512Mi"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("0Gi", "0"),
    ],
)
def test_quantities_have_the_form_that_kubernetes_writes(written: str, expected: str) -> None:
    assert canonical(written) == expected


@given(
    st.integers(0, 10**6).map(str),
    st.sampled_from(["", ".5", ".25", ".001"]),
    st.sampled_from(["", "m", "k", "M", "G", "T", "Mi", "Gi", "Ti"]),
)
def test_the_canonical_form_is_the_same_amount_and_stays_as_it_is(whole: str, fraction: str, unit: str) -> None:
    written = whole + fraction + unit
    once = canonical(written)

    assert canonical(once) == once
    if not once.endswith(("n", "u")):
        exact = amount(written)
        assert exact <= amount(once) <= (exact if "i" not in unit else exact + 1)
