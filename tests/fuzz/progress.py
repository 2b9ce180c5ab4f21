"""What a fuzzed process leaves behind, whatever ends it: executions, seconds inside
the reader, seconds of the slowest input, and how often a library was brought down in a process of its own.
"""

from __future__ import annotations

import struct

PROGRESS = struct.Struct("=QddQ")
