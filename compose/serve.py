"""`make serve`: the demo's site at http://127.0.0.1:8000 until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from compose.native import Stack, StackError


def main() -> int:
    """Serve until interrupted. 1 when a part ends by itself."""
    # also where a shell started us in the background with SIGINT ignored
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    with Stack(port=int(os.environ.get("PORT", "8000"))) as stack, suppress(KeyboardInterrupt):
        try:
            stack.prepare()
            stack.start_site()
            stack.start_evaluator()
            print(f"Assay at {stack.url} · logs in {stack.logs} · Ctrl-C stops it", flush=True)
            stack.wait()
        except StackError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
