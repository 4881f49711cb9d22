"""Runs a Python file and prints, as JSON, the workflows of hera and the pipelines of Kubeflow that it defines.

``tools.python`` gives this text to the interpreter that the user chose, which may be Python 3.8 and knows nothing of
mlgitops: only the standard library is imported, and hera and kfp where they are installed. What the file itself prints
goes to stderr. The file is not run as ``__main__``, and cannot submit anything.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import runpy
import sys
import tempfile
from typing import Any, Dict, List, NoReturn, Tuple  # noqa: UP035

Found = Dict[int, Tuple[Any, Any]]  # noqa: UP006


def main(path: str) -> None:
    """Runs the file at ``path`` and prints ``{"argo": [objects], "kfp": [texts of compiled pipelines]}``."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    found: Found = {}
    if importlib.util.find_spec("hera") is not None:
        _watch_hera(found)
    defined = runpy.run_path(path, run_name="mlgitops_compile")
    with answer:
        json.dump({"argo": _workflows(found, defined), "kfp": _pipelines(defined)}, answer, default=str)


def _watch_hera(found: Found) -> None:
    """Has every workflow written down as its block ends, while hera still knows what belongs to it."""
    workflows = importlib.import_module("hera.workflows")
    leave = workflows.Workflow.__exit__

    def leave_and_remember(self: Any, *error: Any) -> Any:
        if not any(error):
            found[id(self)] = (self, self.to_dict())
        return leave(self, *error)

    workflows.Workflow.__exit__ = leave_and_remember
    for kind in (workflows.Workflow, workflows.WorkflowTemplate, workflows.CronWorkflow):
        for verb in ("create", "lint", "update", "async_create", "async_lint", "async_update"):
            if verb in vars(kind):
                setattr(kind, verb, _not_now)


def _not_now(*_: Any, **__: Any) -> NoReturn:
    raise SystemExit("the file submits a workflow while it is read: put that below if __name__ == '__main__':")


def _workflows(found: Found, defined: Dict[str, Any]) -> List[Any]:  # noqa: UP006
    """Those of blocks, and those that are assigned to a name without one."""
    module = sys.modules.get("hera.workflows")
    if module is not None:
        for value in defined.values():
            if isinstance(value, module.Workflow) and id(value) not in found:
                found[id(value)] = (value, value.to_dict())
    return [written for _, written in found.values()]


def _pipelines(defined: Dict[str, Any]) -> List[str]:  # noqa: UP006
    """Pipelines; where there are none, the components."""
    if "kfp.dsl" not in sys.modules:
        return []
    base = importlib.import_module("kfp.dsl.base_component").BaseComponent
    graph = importlib.import_module("kfp.dsl.graph_component").GraphComponent
    components = list({id(value): value for value in defined.values() if isinstance(value, base)}.values())
    compiler = importlib.import_module("kfp.compiler").Compiler()
    chosen = [one for one in components if isinstance(one, graph)] or components
    return [_compiled(compiler, one) for one in chosen]


def _compiled(compiler: Any, component: Any) -> str:
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "pipeline.yaml")  # noqa: PTH118
        compiler.compile(component, path)
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            return file.read()


if __name__ == "__main__":
    main(sys.argv[1])
