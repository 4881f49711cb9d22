"""The controller: what a person does with plan, apply and wait, on a schedule and for many targets.

Its core is pure: ``state`` is what is known of each target, ``schedule`` and ``turns`` say which are due, ``waves``,
``rollouts`` and ``fights`` which may be written to, ``words`` and ``standing`` put it for people. ``following`` asks
Git, ``reconcile`` makes one attempt at one target, ``jobs`` runs attempts side by side, and ``loop`` drives them all;
``running`` puts a controller together.

At its edges, ``server`` (with ``connections`` and ``answers``) serves probes, scrapes and webhooks, which ``webhook``
judges; ``metrics``, ``log`` and ``telemetry`` tell what happens, ``pulse`` whether anything does. Whoever asks from
elsewhere, as ``status --all`` does, finds it by ``place``, and ``watched`` puts what it knows beside what targets say.
What a person asks of it is left in its ``store``, unless ``asking`` says that nothing could come of it.
"""
