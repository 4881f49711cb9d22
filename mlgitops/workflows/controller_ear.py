"""What the controller says about a model's targets, where it runs in pods that may be read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from mlgitops.plan.controller_words import words_about
from mlgitops.plan.said import TargetSaid, said_at
from mlgitops.targets.kubernetes.logs import PodLogs
from mlgitops.targets.logs import Heard, Marks
from mlgitops.workflows.sites import CANNOT, reason

TAIL = 2000
"""The last lines that are read of each of its pods, of which few are about one model's targets."""


class ControllerEar:
    """Hears of the controller at ``kubernetes:[CONTEXT/]NAMESPACE``; satisfies ``workflows.logs.Ear``."""

    place = ""

    def __init__(self, controller: str, environment: str, targets: Sequence[str], since: str) -> None:
        self._controller = controller
        self._words = partial(words_about, environment=environment, targets=targets)
        self._since = since
        self._marks = Marks()
        self._logs: PodLogs | None = None

    def hear(self) -> TargetSaid:
        """See ``Ear``. That it may not be asked is a note: whoever looks at a model need have no rights there."""
        try:
            heard = self._read()
        except CANNOT as error:
            return TargetSaid(self.place, notes=(f"the controller at {self._controller}: {reason(error)}",))
        self._marks = self._marks.after(heard)
        said = said_at(self.place, Heard(), self._words(heard.outputs), self._since)
        return TargetSaid(self.place, said.lines, notes=tuple(one.reason for one in heard.unheard))

    def _read(self) -> Heard:
        from mlgitops.render.install.installation import SELECTOR

        context, _, namespace = self._controller.removeprefix("kubernetes:").rpartition("/")
        self._logs = self._logs or PodLogs.of_context(context)
        selector = ",".join(f"{key}={value}" for key, value in SELECTOR.items())
        return self._logs.hear(namespace, selector, self._since, TAIL, self._marks)
