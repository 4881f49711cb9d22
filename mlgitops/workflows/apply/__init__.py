"""Apply: check everything, widen the inventory, write in order, delete in reverse, narrow the inventory, record it.

Nothing is written anywhere before every target that can be reached was locked and checked. What fails is collected;
what does not depend on it goes on. A crash at any moment leaves a state from which planning and applying again
converges.

    everywhere.py     all targets of a plan: lock and check them, then apply to them, many at once
    preparation.py    one target, locked and read, and whether it is still as it was planned for
    target.py         one target: widen, perform, narrow, record
    performing.py     its changes, wave by wave, several at once, each wave once what it depends on is ready
    record.py         what the audit log is told
    course.py         what all of these share: the plan, the consent, progress, and whether to stop
"""

from __future__ import annotations

from mlgitops.workflows.apply.everywhere import apply

__all__ = ["apply"]
