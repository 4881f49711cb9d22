"""The ``git`` target: rendered manifests on a branch, one commit an apply, which Argo CD or Flux syncs to a cluster.

``location`` says which branch of which repository is meant, ``branch`` reads and moves it, ``branch_files`` shows its
files with the changes to come, ``message`` writes the commit's message, and ``connection`` puts them together.
"""
