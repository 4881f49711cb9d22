"""Progressive delivery: by which steps a new release is exposed to requests, and what decides whether it goes on. Pure.

``terms`` say how it is to go, ``progress`` how far it is, ``analysis`` judges what was measured of both releases, and
``exposure`` puts what that comes to into manifests. Who measures, writes and remembers is the controller.
"""
