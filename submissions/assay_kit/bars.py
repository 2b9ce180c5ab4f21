"""What moves on a terminal: the progress bar and the sentence that is waited under."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as RichProgress
from rich.status import Status
from rich.text import Text

from assay_kit.console import clean


@dataclass(frozen=True)
class _Bar:
    drawn: RichProgress
    task: TaskID

    def advance(self, amount: int) -> None:
        """`amount` more units are done."""
        self.drawn.update(self.task, advance=amount)


@contextmanager
def bar(*, console: Console, label: str, total: int, unit: str) -> Iterator[_Bar]:
    """A bar for `total` bytes or things, gone when it is left."""
    counts: tuple[ProgressColumn, ...] = (
        (DownloadColumn(binary_units=True), TransferSpeedColumn()) if unit == "bytes" else (MofNCompleteColumn(),)
    )
    columns = (TextColumn("{task.description}"), BarColumn(), *counts, TimeRemainingColumn())
    with RichProgress(*columns, console=console, transient=True) as drawn:
        yield _Bar(drawn=drawn, task=drawn.add_task(label, total=total))


@dataclass(frozen=True)
class _Sentence:
    drawn: Status

    def update(self, text: str) -> None:
        """The current sentence."""
        self.drawn.update(Text(clean(text)))


@contextmanager
def sentence(*, console: Console, text: str) -> Iterator[_Sentence]:
    """One sentence that changes in place, gone when it is left."""
    with console.status(Text(clean(text))) as drawn:
        yield _Sentence(drawn=drawn)
