"""A real Prometheus, and what it scrapes."""

from __future__ import annotations

from tests.testbed.prometheus_server.fixtures import prometheus_program, running_prometheus, shared_prometheus

__all__ = ["prometheus_program", "running_prometheus", "shared_prometheus"]
