from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlgitops.finding import Finding, Location, Severity
from mlgitops.render.findings_json import findings, from_json, plain, to_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
LOCATIONS = st.builds(Location, TEXT, st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
FINDINGS = st.builds(
    Finding, TEXT, TEXT, LOCATIONS, st.sampled_from(Severity), pointer=TEXT, excerpt=TEXT, help=TEXT, suggestion=TEXT
)


@given(st.lists(FINDINGS, max_size=5))
def test_findings_come_back_as_they_were(found: list[Finding]) -> None:
    assert from_json(to_json(found)) == found
    assert findings(plain(found)) == found


def test_a_location_and_a_severity_have_their_types_again() -> None:
    (finding,) = from_json(to_json([Finding("a", "b", Location("c", 1, 2), Severity.WARNING)]))
    assert finding.severity is Severity.WARNING
    assert str(finding.location) == "c:1:2"
