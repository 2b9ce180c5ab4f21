"""What a fuzzed process leaves behind, whatever ends it: executions, seconds inside the reader, seconds of the slowest input."""

from __future__ import annotations

import struct

PROGRESS = struct.Struct("=Qdd")
