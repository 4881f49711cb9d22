"""What a target serves: the schemas of its kinds, imported into the project, and manifests checked against them. Pure.

``definitions`` and ``openapi`` read what a cluster publishes, ``convert`` makes strict JSON Schemas of it, ``kind`` is
one kind as it lies in the project, ``schemas`` the kinds of a target, and ``validate`` checks a manifest.
"""
