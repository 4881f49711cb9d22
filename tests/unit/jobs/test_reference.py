from __future__ import annotations

import pytest

from mlgitops.jobs.columns import BodyError
from mlgitops.jobs.reference import columns_in


def test_csv_has_names_numbers_texts_and_gaps() -> None:
    content = b"age,country\n30,ch\n,de\n41.5,\n"
    assert columns_in(content, "s3://x/train.CSV") == {"age": [30.0, None, 41.5], "country": ["ch", "de", None]}


@pytest.mark.parametrize("content", [b'{"instances": [[1], [2]]}', b'{"instances": [[1]]}\n\n{"instances": [[2]]}\n'])
def test_requests_may_be_reference_data(content: bytes) -> None:
    assert columns_in(content, "train.jsonl") == {"input[0]": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"a,b\n", "x.csv", "no rows"),
        (b"a,a\n1,2\n", "x.csv", "same name"),
        (b"a,b\n1\n", "x.csv", "more or fewer"),
        (b"\xff", "x.csv", "UTF-8"),
        (b"a,b\n1,2\n", "x.txt", "neither CSV"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(content: bytes, name: str, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        columns_in(content, name)


def test_truths_as_pandas_writes_them_are_those_of_json() -> None:
    assert columns_in(b"a,b\nTrue,True\nFalse,no\n,x\n", "x.csv") == {
        "a": ["true", "false", None],
        "b": ["True", "no", "x"],
    }


def test_a_number_without_end_is_no_value() -> None:
    assert columns_in(b"a\n1\ninf\n-inf\nnan\n", "x.csv") == {"a": [1.0, None, None, None]}
