"""The files that a new project begins with, as text by path. Pure but for the texts that come with the package.

``choices`` is what somebody asked for, held to the rules of names; ``project`` makes the files of it, from the texts in
``text/``; ``pipelines`` those for continuous integration, from ``ci/VENDOR/``, which has each file at its place in the
user's repository. In all of them ``<<word>>`` stands for what was chosen.
"""
