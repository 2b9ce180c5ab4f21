"""For every test: Ctrl-C reaches the processes that tests start, also where a shell started us in the background."""

from __future__ import annotations

import signal

# an ignored SIGINT would be inherited by every command that a test interrupts; a handler is reset on exec
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
