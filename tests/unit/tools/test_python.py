from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlgitops.errors import ToolError, ToolMissingError
from mlgitops.tools.process import Limits, ToolTimeoutError
from mlgitops.tools.python import Defined, defined_by

FLOW = """\
from hera.workflows import Container, Workflow
print("said while it is read")
with Workflow(name="one", entrypoint="main") as flow:
    Container(name="main", image="alpine:3")
"""
FAKE_KFP = {
    "kfp/__init__.py": "",
    "kfp/dsl/__init__.py": "",
    "kfp/dsl/base_component.py": "class BaseComponent:\n    def __init__(self, name):\n        self.name = name\n",
    "kfp/dsl/graph_component.py": "from kfp.dsl.base_component import BaseComponent\n"
    "class GraphComponent(BaseComponent):\n    pass\n",
    "kfp/compiler.py": "class Compiler:\n    def compile(self, one, path):\n"
    "        open(path, 'w').write('root: ' + one.name)\n",
}
"""As much of KFP's package as is used, with its names (SDK 2.17), since it is nobody's dependency here."""


AMPLE = Limits(timeout=120, output=1 << 20)
BARE = str(Path(sys.executable).resolve())
"""The Python that the environment of the tests is made from: it has no hera, which takes long to import."""


def defined(tmp_path: Path, text: str, limits: Limits = AMPLE, python: str = sys.executable) -> Defined:
    file = tmp_path / "flow.py"
    file.write_text(text)
    return defined_by(file, python, limits)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Defined:
    """What a file with several workflows, one of them submitted as a program, defines: read once, as hera is slow."""
    guarded = FLOW + 'if __name__ == "__main__":\n    flow.create()\n'
    more = 'from hera.workflows import WorkflowTemplate\nother = WorkflowTemplate(name="two", entrypoint="main")\n'
    return defined(tmp_path_factory.mktemp("read"), guarded + more)


def test_a_workflow_is_written_down_as_its_block_ends(read: Defined) -> None:
    found = read.argo[0]
    assert (found["kind"], found["metadata"]["name"]) == ("Workflow", "one")
    assert [template["name"] for template in found["spec"]["templates"]] == ["main"]


def test_what_is_submitted_only_as_a_program_is_not(tmp_path: Path, read: Defined) -> None:
    assert "one" in [one["metadata"]["name"] for one in read.argo]
    with pytest.raises(ToolError, match="the file submits a workflow while it is read"):
        defined(tmp_path, FLOW + "flow.create()\n")


def test_workflows_of_a_block_and_of_a_name_are_found_once_each(read: Defined) -> None:
    assert [one["metadata"]["name"] for one in read.argo] == ["one", "two"]


def test_a_file_may_import_what_is_beside_it(tmp_path: Path) -> None:
    (tmp_path / "names.py").write_text('open("read", "w").write("beside")\n')
    defined(tmp_path, "import names\n", python=BARE)
    assert (tmp_path / "read").read_text() == "beside"


def test_pipelines_of_kubeflow_are_compiled_and_its_components_only_where_there_is_none(tmp_path: Path) -> None:
    for name, content in FAKE_KFP.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    component = "from kfp.dsl.base_component import BaseComponent\nstep = again = BaseComponent('step')\n"
    assert defined(tmp_path, component, python=BARE).kfp == ("root: step",)
    whole = component + "from kfp.dsl.graph_component import GraphComponent\nflow = GraphComponent('flow')\n"
    assert defined(tmp_path, whole, python=BARE).kfp == ("root: flow",)


def test_a_file_that_fails_is_an_error_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"(?s)when it was read:.*flow\.py.*No module named 'nowhere'") as raised:
        defined(tmp_path, "import nowhere\n", python=BARE)
    assert "--python" in raised.value.help


def test_a_file_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ToolTimeoutError):
        defined(tmp_path, "while True: pass\n", Limits(timeout=0.5, output=1 << 20), BARE)


def test_a_file_sees_no_more_of_the_environment_than_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "secret")
    checked = "import os\nassert 'CANARY_TOKEN' not in os.environ, 'it is there'\n"
    home = f"assert os.path.expanduser('~') != {os.environ['HOME']!r} and os.listdir(os.path.expanduser('~')) == []\n"
    assert defined(tmp_path, checked + home, python=BARE) == Defined((), ())


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "flow.py").write_text(FLOW)
    with pytest.raises(ToolMissingError, match="no Python at 'python-of-nobody'"):
        defined_by(tmp_path / "flow.py", "python-of-nobody")
    with pytest.raises(ToolError, match="did not say what"):
        defined_by(tmp_path / "flow.py", "true")
