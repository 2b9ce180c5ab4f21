"""What can go wrong when test data are simulated; every message says what to change."""

from __future__ import annotations


class PhantomError(Exception):
    """The requested data cannot be simulated."""


class ImpossibleSize(PhantomError):
    """A matrix, coil, slice or frame number outside what the layout and the simulator can hold."""


class RealAnatomyMissing(PhantomError):
    """The packages that bring real MR images are not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"{package} is not installed, and the real-anatomy scans are made from images inside it: "
            'install the extra with `pip install ".[phantoms]"`.'
        )
        self.package = package
