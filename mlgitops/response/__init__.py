"""What follows from what is seen of a model that runs: Events, notifications, and pull requests. Pure.

``cause`` names what is seen, ``alerts`` finds it in what Prometheus says and ``rollouts`` in rollouts by steps.
``ledger`` remembers it, so that nothing is done twice about the same, and ``errands`` has what is still to be done.
``policy`` says what an environment wants done. What is told of it: ``event`` to Kubernetes, ``notices`` to people, each
in the words of ``words``, and ``evidence`` to whoever reviews the pull request. ``stored`` is the ledger as JSON.
"""
