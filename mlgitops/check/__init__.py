"""Rules over specs and manifests. Each gives findings with positions; none changes anything. Pure."""
