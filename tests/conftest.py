"""For every test: Ctrl-C reaches the processes that tests start, and no generated example fails for being slow."""

from __future__ import annotations

import signal

from hypothesis import settings

# an ignored SIGINT would be inherited by every command that a test interrupts; a handler is reset on exec
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# hypothesis would call an example that takes 0.2 s a failure: on a busy machine that says nothing of the code
settings.register_profile("assay", deadline=None)
settings.load_profile("assay")
