"""Plans for people: as text for a terminal, and as Markdown for pull requests and job summaries. Pure."""

from __future__ import annotations

from mlgitops.report.plan.markdown import markdown
from mlgitops.report.plan.text import text

__all__ = ["markdown", "text"]
