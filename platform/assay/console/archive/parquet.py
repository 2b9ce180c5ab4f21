"""The table of an archive as Parquet; see `leaderboards/parquet.py` for why it is imported where it is written."""

from __future__ import annotations

import pyarrow as pa

from assay.console.archive.gather import Gathered
from assay.console.archive.tables import HEAD, lines_of
from assay.leaderboards.parquet import parquet_bytes

_NUMBERS = {"rank", "rank_low", "rank_high", "value", "cases", "of", "seconds_a_case", "peak_memory"}


def boards_parquet(gathered: Gathered) -> bytes:
    """The lines of the CSV with their types; missing is null."""
    lines = [line for board in gathered.boards for line in lines_of(board)]
    columns = {
        name: pa.array([line[at] for line in lines], type=pa.float64() if name in _NUMBERS else pa.string())
        for at, name in enumerate(HEAD)
    }
    return parquet_bytes(pa.table(columns))
