"""Declarative GitOps for machine learning: model specs in Git become manifests that are planned and applied."""

__version__ = "0.1.0"
API_VERSION = "mlgitops.dev/v1alpha1"
