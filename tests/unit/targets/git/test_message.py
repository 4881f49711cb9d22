from __future__ import annotations

from typing import Any

from mlgitops.targets.git.message import SHOWN, message

STARTED = {"event": "apply started", "commit": "c" * 40, "changes": [{"object": "ml/ConfigMap/a", "action": "create"}]}


def finished(*results: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    rows = [{"object": name, "action": action, "result": result, "reason": "why"} for name, action, result in results]
    return {"event": "apply finished", "commit": "c" * 40, "results": rows, **more}


def test_it_says_what_was_done_and_from_where() -> None:
    entry = finished(("ml/ConfigMap/a", "create", "done"), renderedDigest="sha256:r", version="0.1.0")
    assert message("shop/dev/aws", [STARTED, entry]) == (
        "Deploy dev on aws from cccccccccccc\n"
        "\n"
        "create ml/ConfigMap/a\n"
        "\n"
        "Mlgitops-Project: shop\n"
        "Mlgitops-Environment: dev\n"
        "Mlgitops-Target: aws\n"
        "Mlgitops-Version: 0.1.0\n"
        f"Source-Commit: {'c' * 40}\n"
        "Rendered-Digest: sha256:r\n"
    )


def test_what_failed_is_told_without_its_reason() -> None:
    said = message("shop/dev/aws", [finished(("a", "update", "failed"), ("b", "update", "done"))])
    assert said.splitlines()[0] == "Deploy dev on aws from cccccccccccc, in part"
    assert "update a (failed)\nupdate b\n" in said
    assert "why" not in said


def test_without_a_record_it_says_what_it_can() -> None:
    said = message("shop/dev/aws", [])
    assert said.splitlines() == [
        "Write what is known of dev on aws", "",
        "Mlgitops-Project: shop", "Mlgitops-Environment: dev", "Mlgitops-Target: aws",
    ]  # fmt: skip


def test_a_long_list_is_cut_and_counted() -> None:
    said = message("shop/dev/aws", [finished(*((f"o{n}", "create", "done") for n in range(SHOWN + 5)))])
    assert "create o99\nand 5 more\n" in said


def test_a_name_cannot_add_a_trailer_of_its_own() -> None:
    said = message("shop/dev/aws", [finished(("a\n\nSource-Commit: forged", "create", "done"))])
    assert "\nSource-Commit: forged" not in said
    assert said.count("Source-Commit: c") == 1
