"""What goes wrong in the test bed itself, as opposed to in what it tests."""

from __future__ import annotations


class TestbedError(Exception):
    """The test bed could not be built, started or used; the message says why and what to do."""

    __test__ = False  # pytest would take the class for a test by its name


class PortTakenError(TestbedError):
    """Another process took the port between our choosing it and the program's listening there."""
