from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from mlgitops.finding import Finding, Location
from mlgitops.report.formats import FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_findings_in_each_format(name: str, findings: list[Finding], golden: Callable[[str, str], None]) -> None:
    golden(f"report/findings-{name}.txt", FORMATS[name](findings))


@pytest.mark.parametrize("name", FORMATS)
def test_the_order_does_not_depend_on_how_they_were_found(name: str, findings: list[Finding]) -> None:
    assert FORMATS[name](findings[::-1]) == FORMATS[name](findings)


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_can_be_encoded_and_moves_no_cursor(name: str, hostile: Finding) -> None:
    document = FORMATS[name]([hostile])
    assert document.encode()
    assert not {"\x1b", "\x9b", "\x00", "\u202e"} & set(document)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "github"])
def test_hostile_text_gives_github_no_commands(name: str, hostile: Finding) -> None:
    assert not [line for line in FORMATS[name]([hostile]).splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "azure"])
def test_hostile_text_gives_azure_no_commands(name: str, hostile: Finding) -> None:
    assert "##vso[" not in FORMATS[name]([hostile])


def many(number: int) -> list[Finding]:
    return [Finding("code", "message", Location("a.yaml", n)) for n in range(1, number + 1)]


@pytest.mark.parametrize("name", ["json", "gitlab", "sarif"])
def test_json_formats_hold_nothing_when_there_is_nothing(name: str) -> None:
    document = json.loads(FORMATS[name]([]))
    found = {"json": lambda d: d["findings"], "gitlab": lambda d: d, "sarif": lambda d: d["runs"][0]["results"]}
    assert found[name](document) == []


def test_github_gets_ten_annotations_of_each_severity_and_the_number_of_the_rest() -> None:
    from dataclasses import replace

    from mlgitops.finding import Severity

    warnings = [replace(finding, severity=Severity.WARNING) for finding in many(13)]
    lines = FORMATS["github"]([*many(12), *warnings]).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert "2 errors and 3 warnings more" in lines[-1]


def test_github_gets_one_line_a_finding_whatever_it_says(hostile: Finding) -> None:
    lines = FORMATS["github"]([hostile]).splitlines()
    assert len(lines) == 1
    properties, _, message = lines[0].removeprefix("::error ").partition("::")
    assert {part.partition("=")[0] for part in properties.split(",")} == {"file", "line", "col", "title"}
    assert "%250A" in message


def test_azure_gets_one_command_a_finding_whatever_it_says(hostile: Finding) -> None:
    lines = FORMATS["azure"]([hostile]).splitlines()
    assert len(lines) == 1
    assert lines[0].count("##vso[") == 1
    properties = lines[0].removeprefix("##vso[task.logissue ").partition("]")[0]
    assert [part.partition("=")[0] for part in properties.split(";")] == [
        "type", "sourcepath", "linenumber", "columnnumber", "code",
    ]  # fmt: skip


def test_gitlab_fingerprints_survive_moved_lines_and_differ_for_each_finding(findings: list[Finding]) -> None:
    from dataclasses import replace

    moved = [replace(f, location=Location(f.location.path, f.location.line + 9)) for f in findings]
    before, after = ([i["fingerprint"] for i in json.loads(FORMATS["gitlab"](fs))] for fs in (findings, moved))
    assert before == after
    same = json.loads(FORMATS["gitlab"](many(3)))
    assert len({issue["fingerprint"] for issue in same}) == 3


def test_gitlab_shows_a_finding_about_a_whole_file_at_its_first_line(findings: list[Finding]) -> None:
    issues = json.loads(FORMATS["gitlab"](findings))
    whole = next(issue for issue in issues if issue["check_name"] == "project-missing")
    assert whole["location"] == {"path": "mlgitops.yaml", "lines": {"begin": 1}}


def test_sarif_holds_at_most_5000_results_and_says_what_it_left_out() -> None:
    (run,) = json.loads(FORMATS["sarif"](many(5003)))["runs"]
    assert len(run["results"]) == 5000
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("3 findings left out")


def test_sarif_results_point_to_rules_with_help(findings: list[Finding]) -> None:
    (run,) = json.loads(FORMATS["sarif"](findings))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert all(rule["help"]["text"].endswith(f"see docs/findings.md#{rule['id']}") for rule in rules)


def parsed(findings: list[Finding]) -> ElementTree.Element:
    return ElementTree.fromstring(FORMATS["junit"](findings))


def test_junit_counts_errors_as_failures_and_lets_warnings_pass(findings: list[Finding]) -> None:
    root = parsed(findings)
    assert root.attrib == {"name": "mlgitops", "tests": "4", "failures": "3"}
    assert len(root.findall(".//failure")) == 3
    assert len(root.findall(".//system-out")) == 1


def test_junit_without_findings_is_one_test_that_passed() -> None:
    root = parsed([])
    assert root.attrib["tests"] == "1"
    assert root.findall(".//failure") == []


def test_junit_can_be_parsed_whatever_a_finding_says(hostile: Finding) -> None:
    root = parsed([hostile])
    assert len(root.findall(".//testcase")) == 1
    assert "]]> &<b>" in (root.findtext(".//failure") or "")
