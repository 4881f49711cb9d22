"""What the platform team has set up before the page begins, beside what the page shows of it."""

from __future__ import annotations

from pathlib import Path

from tests.integration.lifecycle.platform import DEV
from tests.testbed.gitea.server import Gitea

EXAMPLES = Path(__file__).parents[3] / "examples/lifecycle"
TARGET = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Target
metadata:
  name: {name}
spec:
  cloud: onprem
  connection:
    kubernetes: {{}}
  components:
    kserve: "0.16.0"
    argoWorkflows: "3.7.1"
    prometheusOperator: "0.85.0"
    gatewayApi: "1.3.0"
  serving:
    gateway:
      name: public
      namespace: ingress
      hostname: "{{model}}.{name}.example.com"
  pushgateway: http://pushgateway.monitoring:9091
  prometheus:
    url: {prometheus}
"""
ENVIRONMENT = f"""\
apiVersion: mlgitops.dev/v1alpha1
kind: Environment
metadata:
  name: dev
spec:
  targets: [onprem-dev]
  namespace: {DEV}
"""


def project(server: Gitea, repository: str, prometheus: str, prod: str) -> dict[str, str]:
    """The files by their paths; ``prod`` is the content of prod's environment.yaml."""
    forge = f"  forge:\n    kind: gitea\n    url: {server.url}\n    repository: {repository}\n"
    head = "apiVersion: mlgitops.dev/v1alpha1\nkind: Project\nmetadata:\n  name: shop\nspec:\n"
    return {
        "mlgitops.yaml": f"{head}  environments: [dev, prod]\n{forge}",
        ".gitignore": "work/\n",
        **{f"examples/lifecycle/{path.name}": path.read_text() for path in EXAMPLES.iterdir() if path.is_file()},
        "environments/dev/environment.yaml": ENVIRONMENT,
        "environments/prod/environment.yaml": prod,
        **{
            f"targets/{name}.yaml": TARGET.format(name=name, prometheus=prometheus)
            for name in ("onprem-dev", "onprem-prod")
        },
    }
