"""What manifests ask a target for, against its quota and at the project's prices. Pure.

``pods`` knows what a pod asks for, ``workloads`` and ``workflows`` how many of it a kind runs, ``footprint`` adds up
and compares, ``terms`` has quota, prices and accelerator classes as a rendering carries them, ``cost`` puts a price on
it, ``account`` is all of this of one target before and after, ``limits`` and ``budget`` say where it is too much.
"""
