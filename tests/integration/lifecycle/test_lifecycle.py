"""docs/lifecycle.md, walked from its first line to its last: what it shows is what is run, in that order.

Real are the API server, Gitea with its protected branch, Prometheus with the rules that mlgitops renders, the
controller, scikit-learn's training, the evaluation and the drift job. Stood in for (platform.py, served.py, argo.py) is
what would run on nodes: KServe's pods and its controller, the gateway, the Prometheus operator and the Pushgateway, and
Argo, whose runs are started here as programs with the arguments that are in the cluster. The controller is started anew
once the alert is raised, since it looks at alerts once a minute and when it starts.
"""

from __future__ import annotations

import pytest

from tests.integration.lifecycle.conftest import PAGE, Scene
from tests.integration.lifecycle.platform import DEV, PROD
from tests.testbed.documented import Section, walk
from tests.testbed.waiting import wait_until

pytestmark = [
    pytest.mark.integration, pytest.mark.slow, pytest.mark.kubernetes, pytest.mark.gitea, pytest.mark.prometheus,
]  # fmt: skip
SECONDS = 60.0


def test_a_model_lives_as_the_page_shows(scene: Scene) -> None:
    events = {"Drift is found": scene.drift, "It is trained anew": scene.train}
    assert events.keys() <= {step.title for step in walk(PAGE) if isinstance(step, Section)}
    scene.walk.do(walk(PAGE), events)
    assert scene.platform.shares == [0, 10, 50, 100, 0]
    wait_until(lambda: not scene.services(PROD), "what served the model to be gone", SECONDS)
    assert scene.services(DEV) == ["iris"]
    assert "RolloutCompleted" in scene.events(PROD)
    assert {"Drift", "DriftEnded"} & scene.events(PROD)  # one Event for a cause, which tells its end as well
