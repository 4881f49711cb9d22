"""Rules of alerts on requests: they must be counted where the model runs, and often enough. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check.monitoring import is_scraped
from mlgitops.check.runtimes import runtime_of
from mlgitops.finding import Finding
from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE

SCRAPES = 4
"""The least scrapes within a window: fewer, and one that fails leaves nothing to count by."""
LOOKED_BACK = "5m"
"""Over how long it is seen whether any request came."""


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about error bursts and missing traffic."""
    monitoring = model.spec.monitoring
    asked = {"errorBurst": monitoring.error_burst, "missingTraffic": monitoring.missing_traffic}
    why = _why_not(model)
    for name in (name for name, block in asked.items() if block is not None and why):
        yield model.finding(
            "requests-not-counted", ("monitoring", name), why,
            help=f"remove monitoring.{name}; monitoring.business takes a query of your own",
        )  # fmt: skip
    if monitoring.error_burst is not None:
        yield from _window(model, ("monitoring", "errorBurst", "over"), monitoring.error_burst.over)
    if monitoring.missing_traffic is not None:
        yield from _window(model, ("monitoring", "interval"), LOOKED_BACK)


def _why_not(model: ResolvedModel) -> str:
    """Why requests are not counted; empty where they are, or where another rule says what is wrong."""
    serving, runtime = model.spec.serving, runtime_of(model.spec.serving)
    if serving.mode not in ONLINE:
        return f"requests are not counted in mode {serving.mode}"
    if runtime is None or model.place.spec.components.prometheus_operator is None:
        return ""
    if runtime.indicators.availability is None:
        return f"requests that fail are not counted by runtime {runtime.name}: {runtime.indicators.why_not}"
    return "" if is_scraped(model) else "requests are not counted: metrics are not scraped, see monitoring.metrics"


def _window(model: ResolvedModel, pointer: tuple[str, ...], window: str) -> Iterator[Finding]:
    interval = model.spec.monitoring.interval
    if milliseconds(window) < SCRAPES * milliseconds(interval):
        yield model.finding(
            "requests-window", pointer, f"requests are counted over {window}, in which a metric that is scraped every "
            f"{interval} is seen fewer than {SCRAPES} times",
            help="count over longer, or set a shorter monitoring.interval",
        )  # fmt: skip
