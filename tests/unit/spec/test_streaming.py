from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mlgitops.spec.streaming import Streaming

BLOCK: dict[str, Any] = {"brokers": ["kafka:9092"], "topic": "payments", "group": "fraud"}


@pytest.mark.parametrize(
    "block",
    [
        {"brokers": ["b-1.events.example.com:1", "10.0.0.1:65535"]},
        {"topic": "a.b_c-1"},
        {"topic": "_"},
        {"group": "team/app:fraud.v1"},
        {"kafkaVersion": "3.9.0"},
        {"kafkaVersion": "0.11.0.2"},
        {"lagThreshold": 1, "activationLag": 0, "from": "earliest"},
        {"tls": {}},
    ],
)
def test_what_kafka_and_keda_take_is_taken(block: dict[str, Any]) -> None:
    Streaming.model_validate({**BLOCK, **block})


@pytest.mark.parametrize(
    "block",
    [
        {"brokers": []},
        {"brokers": ["kafka"]},
        {"brokers": ["kafka:0"]},
        {"brokers": ["kafka:65536"]},
        {"brokers": ["one:9092,two:9092"]},
        {"brokers": ["PLAINTEXT://kafka:9092"]},
        {"topic": ""},
        {"topic": "."},
        {"topic": ".."},
        {"topic": "a b"},
        {"topic": "a" * 250},
        {"group": ""},
        {"group": 'a"b'},
        {"group": "{{a}}"},
        {"kafkaVersion": "3.9"},
        {"kafkaVersion": "v3.9.0"},
        {"lagThreshold": 0},
        {"activationLag": -1},
        {"from": "middle"},
        {"fallback": {}},
        {"fallback": {"replicas": -1}},
        {"login": {"mechanism": "plaintext", "username": {"secret": "a", "key": "b"}}},
        {"login": {"mechanism": "gssapi"}},
        {"login": {"mechanism": "plaintext", "username": "me", "password": "hunter2"}},
        {"health": {"live": "healthz"}},
    ],
)
def test_what_kafka_or_keda_refuses_is_refused(block: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Streaming.model_validate({**BLOCK, **block})


@pytest.mark.parametrize("field", ["brokers", "topic", "group"])
def test_what_is_read_from_is_said(field: str) -> None:
    with pytest.raises(ValidationError):
        Streaming.model_validate({key: value for key, value in BLOCK.items() if key != field})
