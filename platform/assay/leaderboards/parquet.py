"""A board as a Parquet file: the table of the CSV with its types, and where it comes from in the file's metadata.

Imported where a file is written and nowhere else: Arrow takes 50 MB and a third of a second of every process.
"""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from assay.leaderboards.exported import Exported

_HEAD = (
    ("rank", pa.float64()), ("rank_low", pa.float64()), ("rank_high", pa.float64()), ("group", pa.string()),
    ("team", pa.string()), ("method", pa.string()), ("baseline", pa.bool_()), ("submission", pa.string()),
)  # fmt: skip
_TAIL = (
    ("cases", pa.int64()), ("of", pa.int64()), ("failures", pa.map_(pa.string(), pa.int64())), ("seconds", pa.float64()),
    ("seconds_a_case", pa.float64()), ("peak_memory", pa.float64()), ("result_files", pa.bool_()), ("note", pa.string()),
)  # fmt: skip


def board_parquet(told: Exported) -> bytes:
    """One row a method, numbers unrounded, missing as null.

    Columns: those of the CSV, a mean per metric as `ssim` and per stratum as `ssim af=4`; failures as a map of code to count.
    The schema's metadata hold heading, address, state and the hash of the JSON that holds the same board.
    """
    board = told.board
    keys = [column.key for column in board.columns]
    strata = list(board.rows[0].strata) if board.rows else []
    means = [*keys, *(f"{key} {stratum}" for stratum in strata for key in keys)]
    schema = pa.schema(
        [*_HEAD, *((name, pa.float64()) for name in means), *_TAIL],
        metadata={"heading": told.heading, "url": told.url, "state": told.state, "sha256": told.sha256},
    )
    rows = []
    for row in board.rows:
        cells = {
            name: getattr(row, name) for name, _ in (*_HEAD, *_TAIL) if name not in {"of", "failures", "result_files"}
        }
        cells |= {key: row.metrics.get(key) for key in keys}
        cells |= {f"{key} {stratum}": row.strata[stratum].get(key) for stratum in strata for key in keys}
        rows.append(
            cells | {"of": board.cases, "failures": list(row.failures.items()), "result_files": row.predictions}
        )
    return parquet_bytes(pa.Table.from_pylist(rows, schema=schema))


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as a file."""
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()
