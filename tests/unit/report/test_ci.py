from __future__ import annotations

from mlgitops.report.ci import SUMMARY_BYTES, Checked, comment, drift, fitting, in_a_line

COMMIT = "a" * 40
WELL = Checked({"errors": 0, "warnings": 0}, "No findings.", 0, "### Plan\n", 0, COMMIT, "https://ci.example.com/7")
WRONG = Checked({"errors": 2, "warnings": 1}, "error[x]: it's wrong\n", 1)


def test_a_check_that_passed_shows_its_plan_its_commit_and_where_the_log_is() -> None:
    text = comment(WELL)
    assert text.startswith("### mlgitops check: passed\n\nCommit `aaaaaaaaaa`: specs are valid, and planned.")
    assert "([log](https://ci.example.com/7))" in text
    assert text.endswith("### Plan\n\n")
    assert "No findings" not in text


def test_findings_are_counted_and_shown() -> None:
    assert in_a_line(WRONG) == "validate found 2 errors and 1 warning"
    assert comment(WRONG).startswith("### mlgitops check: failed\n\nvalidate found 2 errors and 1 warning.\n")
    assert "```text\nerror[x]: it's wrong\n```" in comment(WRONG)


def test_warnings_are_shown_where_the_check_passed() -> None:
    assert "```text\nwarning[y]\n```" in comment(Checked({"errors": 0, "warnings": 1}, "warning[y]", 0, "plan", 0))


def test_a_target_that_could_not_be_read_fails_the_check_and_leaves_the_plan() -> None:
    text = comment(Checked(WELL.summary, "", 0, "### Plan", 1))
    assert text.startswith("### mlgitops check: failed\n\nspecs are valid, but not all could be planned.")
    assert "### Plan" in text


def test_a_plan_that_could_not_be_made_is_said() -> None:
    assert "No plan could be made; the log says why." in comment(Checked(WELL.summary, "", 0, "", 1))


def test_validate_that_told_nothing_is_said_to_have_failed() -> None:
    assert in_a_line(Checked({}, "", 1)) == "validate could not be run"


def test_findings_cannot_end_the_code_they_stand_in() -> None:
    text = comment(Checked({"errors": 1, "warnings": 0}, "````\n@all <img src=x>\n", 1))
    assert "`````text\n````\n@all <img src=x>\n`````" in text


def test_a_log_or_a_commit_of_another_form_is_left_out() -> None:
    text = comment(Checked(WELL.summary, "", 0, "plan", 0, "$(id)", "javascript:alert(1)"))
    assert "Commit" not in text
    assert "log" not in text


def test_drift_is_told_by_its_exit_code() -> None:
    assert drift("No drift", 0).startswith("### mlgitops drift: no drift\n\n```text\nNo drift\n```")
    assert drift("", 2).startswith("### mlgitops drift: there is drift")
    assert drift("", 1).startswith("### mlgitops drift: not all targets could be read")


def test_a_summary_is_cut_by_bytes_at_a_line_and_says_so() -> None:
    long = "→ a line of it\n" * 100_000
    cut = fitting(long)
    assert len(cut.encode()) <= SUMMARY_BYTES
    assert "The whole text is what `mlgitops plan` prints." in cut
    assert fitting("short\n") == "short\n"
