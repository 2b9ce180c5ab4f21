"""What the command writes: data to stdout; progress, hints and errors to stderr. Without a terminal no ANSI and no truncation."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

from assay_kit.errors import KitError

if TYPE_CHECKING:
    from rich.console import Console

#: seconds between two progress lines where there is no terminal
LINE_EVERY = 10.0


class Progress(Protocol):
    """Hears how far something is."""

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""


class Waiting(Protocol):
    """Hears what is being waited for."""

    def update(self, text: str) -> None:
        """The current sentence."""


def clean(text: str) -> str:
    """`text` without control characters: names on a board are chosen by strangers and must not steer a terminal."""
    return "".join(_shown(character) for character in text)


def clean_lines(text: str) -> str:
    """The same for a message of several lines."""
    return "\n".join(clean(line) for line in text.splitlines())


def _shown(character: str) -> str:
    if character == "\x1b":
        return "␛"
    return "\ufffd" if unicodedata.category(character) in {"Cc", "Cf"} else character


def counted(number: int, thing: str) -> str:
    """A number and what it counts."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def quantity(count: float) -> str:
    """Bytes in the binary unit that keeps them short."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 120:
        return f"{seconds:g} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:g} h"


@dataclass(kw_only=True)
class Output:
    """How this call of the command talks."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True

    def _console(self, stream: IO[str]) -> Console:
        from rich.console import Console  # noqa: PLC0415 - most calls never draw anything

        # asked of the stream itself: FORCE_COLOR and the like must not put ANSI into a pipe
        terminal = stream.isatty()
        return Console(
            file=stream,
            force_terminal=terminal,
            color_system="auto" if self.color and terminal else None,
            highlight=False,
            soft_wrap=not terminal,
        )

    # data -----------------------------------------------------------------------------------------------------------
    def line(self, text: str) -> None:
        """One line of data."""
        self._write(clean(text))

    def _write(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def document(self, value: Any) -> None:
        """The one JSON document of `--json`."""
        self._write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))

    def event(self, value: Any) -> None:
        """One JSON line."""
        self._write(json.dumps(value, ensure_ascii=False, allow_nan=False))

    def table(
        self, *, header: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()
    ) -> None:
        """Rows under a header: drawn on a terminal, plain columns elsewhere. `right`: columns of numbers."""
        rows = [[clean(cell) for cell in row] for row in rows]
        if sys.stdout.isatty():
            from rich.table import Table  # noqa: PLC0415
            from rich.text import Text  # noqa: PLC0415

            table = Table(box=None, pad_edge=False, header_style="bold")
            for index, title in enumerate(header):
                table.add_column(title, justify="right" if index in right else "left", overflow="fold")
            for row in rows:
                table.add_row(*(Text(cell) for cell in row))
            self._console(sys.stdout).print(table)
            return
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        for row in (header, *rows):
            cells = [
                cell.rjust(width) if index in right else cell.ljust(width)
                for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            self.line("  ".join(cells).rstrip())

    def raw(self, content: bytes) -> None:
        """A file of the site, byte for byte; on a terminal without what could steer it."""
        raw = getattr(sys.stdout, "buffer", None)
        if raw is None or sys.stdout.isatty():
            sys.stdout.write(clean_lines(content.decode("utf-8", "replace")) + "\n")
        else:
            raw.write(content)
        sys.stdout.flush()

    def pairs(self, values: Mapping[str, str]) -> None:
        """Name and value, one pair a line."""
        width = max(map(len, values), default=0)
        for name, value in values.items():
            self.line(f"{name.ljust(width)}  {value}".rstrip())

    # prose ----------------------------------------------------------------------------------------------------------
    def say(self, text: str) -> None:
        """A sentence or two for the person; silent with -q."""
        if not self.quiet:
            sys.stderr.write(clean_lines(text) + "\n")
            sys.stderr.flush()

    def detail(self, text: str) -> None:
        """A sentence for the curious: with -v only."""
        if self.verbose:
            sys.stderr.write(clean(text) + "\n")

    def error(self, error: KitError, *, label: str = "error") -> None:
        """`error[CODE]: …`, what to do next and where to read more; with --json the document on stdout as well."""
        if self.json:
            self.event(error.document())
        self.notice(label=label, code=error.code, message=error.message, next=error.next, help=error.help)

    def notice(self, *, label: str, code: str, message: str, next: str = "", help: str = "") -> None:  # noqa: A002
        """The three lines of an error, also used for a run that failed."""
        start, end = ("\x1b[1;31m", "\x1b[0m") if self.color and sys.stderr.isatty() else ("", "")
        sys.stderr.write(f"{start}{label}[{clean(code)}]:{end} {clean_lines(message)}\n")
        for name, text in (("next", next), ("more", help)):
            if text:
                sys.stderr.write(f"  {name}: {clean(text)}\n")
        sys.stderr.flush()

    # progress -------------------------------------------------------------------------------------------------------
    @contextmanager
    def progress(self, *, label: str, total: int, unit: str = "bytes") -> Iterator[Progress]:
        """A bar on a terminal, one line per 10 s elsewhere, nothing with -q."""
        if self.quiet or not sys.stderr.isatty():
            yield _Lines(output=self, label=label, total=total, unit=unit)
            return
        from assay_kit.bars import bar  # noqa: PLC0415

        with bar(console=self._console(sys.stderr), label=label, total=total, unit=unit) as drawn:
            yield drawn

    @contextmanager
    def waiting(self, text: str) -> Iterator[Waiting]:
        """One changing sentence on a terminal, one line per 10 s elsewhere, nothing with -q."""
        if self.quiet or not sys.stderr.isatty():
            yield _Sentences(output=self, text=text)
            return
        from assay_kit.bars import sentence  # noqa: PLC0415

        with sentence(console=self._console(sys.stderr), text=text) as drawn:
            yield drawn


class _Lines:
    """Progress as text."""

    def __init__(self, *, output: Output, label: str, total: int, unit: str) -> None:
        self._output, self._label, self._total, self._unit = output, label, total, unit
        self._done = 0
        self._last = time.monotonic()

    def advance(self, amount: int) -> None:
        self._done += amount
        now = time.monotonic()
        if now - self._last >= LINE_EVERY:
            self._last = now
            done, total = (quantity(n) if self._unit == "bytes" else str(n) for n in (self._done, self._total))
            self._output.say(f"{self._label}: {done} of {total}")


class _Sentences:
    """Waiting as text."""

    def __init__(self, *, output: Output, text: str) -> None:
        self._output = output
        self._output.say(text)
        self._last = time.monotonic()

    def update(self, text: str) -> None:
        now = time.monotonic()
        if now - self._last >= LINE_EVERY:
            self._last = now
            self._output.say(text)
