"""PID 1 of a holder: keeps the volume mounted until it is told to end."""

from __future__ import annotations

import signal


def main() -> None:
    """Wait for SIGTERM or SIGINT; both are handled, since PID 1 ignores what it does not handle."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
