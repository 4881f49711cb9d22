"""The programs that are run as subprocesses. The only room that imports ``subprocess``.

``process`` runs one program safely; ``kustomize`` finds and runs kustomize; ``sandbox`` gives a program a directory
that holds nothing but the files it needs.
"""
