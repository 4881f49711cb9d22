"""Asks served models, by the Open Inference Protocol (version 2, and version 1 as TensorFlow Serving has it), and
Prometheus about them.

Nothing but what is asked for is sent, to the address that was named and nowhere else: redirects are not followed.
"""
