"""What a system of continuous integration runs: a few verbs after each other, and what it is told of them.

``system`` knows the variables that each system sets, ``steps`` which verbs a job runs, ``tell`` tells the forge. The
first two are pure.
"""
