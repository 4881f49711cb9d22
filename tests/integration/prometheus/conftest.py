"""A real Prometheus, and what it scrapes."""

from __future__ import annotations

from tests.testbed.prometheus_server.fixtures import prometheus, prometheus_program

__all__ = ["prometheus", "prometheus_program"]
