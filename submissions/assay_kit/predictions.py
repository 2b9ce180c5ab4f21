"""An archive of result files as it lies on the team's machine: looked at by the code that unpacks it at the evaluator."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from assay_kit.console import counted, quantity
from assay_kit.errors import AnswerIsNo, RefusedByRules, WrongUsage
from evaluators.contract.api import PhaseOut, PredictionsOffer
from evaluators.importers.dataset import sha256_of
from evaluators.importers.results import Results, find_results
from evaluators.sandbox.tools.zipped import BadArchive, list_entries, opened

#: as many faults as a terminal shows at a glance
_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class LocalPredictions:
    """sha256: 64 hex digits. size: bytes, packed. changed: when the file was last written, ns."""

    path: Path
    sha256: str
    size: int
    changed: int
    results: Results


def offered(phase: PhaseOut) -> PredictionsOffer:
    """How the phase takes result files. Raises RefusedByRules."""
    if phase.predictions is None:
        raise RefusedByRules(
            f"{phase.address} takes containers alone",
            code="PREDICTIONS_NOT_TAKEN",
            next=f"assay submit IMAGE --phase {phase.address}",
        )
    return phase.predictions


def look(path: Path, *, offer: PredictionsOffer, expected: Collection[str]) -> LocalPredictions:
    """The archive, if it can be scored. expected: the paths that the phase asks for.

    Raises WrongUsage for a folder, or no such file; AnswerIsNo: PROTOCOL and OUTPUT_TOO_LARGE for an archive that would be refused,
    NO_OUTPUT for one without a single expected file.
    """
    if path.is_dir():
        raise WrongUsage(
            f"{path} is a folder", next=f"pack it: python3 -m zipfile -c predictions.zip {quote(str(path))}"
        )
    try:
        status, sha256 = path.stat(), sha256_of(path)
        with opened(path) as archive:
            listing = list_entries(archive, max_entries=offer.max_files, max_bytes=offer.max_bytes)
    except OSError as error:
        raise WrongUsage(f"{path}: {error.strerror or error}", next="name a ZIP of result files") from error
    except BadArchive as bad:
        named = f" ({bad.name!r})" if bad.name else ""
        too_large = f"pack at most {counted(offer.max_files, 'file')} of {quantity(offer.max_bytes)} together"
        again = too_large if bad.code == "OUTPUT_TOO_LARGE" else "pack the tree again: zip -r predictions.zip ."
        raise AnswerIsNo(f"{path}: {bad.detail}{named}", code=bad.code, next=again) from bad
    results = find_results(listing, expected=expected)
    if not results.files:
        raise AnswerIsNo(
            f"{path}: no file at one of the {counted(len(expected), 'expected path')}{faults(results)}",
            code="NO_OUTPUT",
            next=f"a path looks like {min(expected, default=offer.path)}; all of them: {offer.listing}",
        )
    return LocalPredictions(path=path, sha256=sha256, size=status.st_size, changed=status.st_mtime_ns, results=results)


def check_unchanged(found: LocalPredictions) -> None:
    """Raises WrongUsage when the file is no longer what was looked at: the site would refuse its bytes again and again."""
    try:
        status = found.path.stat()
    except OSError:
        status = None
    if status is None or (status.st_size, status.st_mtime_ns) != (found.size, found.changed):
        raise WrongUsage(f"{found.path} changed while it was looked at or sent", next="submit it when it is whole")


def check_whole(found: LocalPredictions) -> None:
    """Raises AnswerIsNo(MISSING_FILE), with what lies there under another name, when a case has no file."""
    missing = found.results.missing
    if not missing:
        return
    listed = "".join(f"\n  no {path}" for path in missing[:_SHOWN])
    more = f"\n  and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    raise AnswerIsNo(
        f"{found.path}: {counted(len(missing), 'case')} without a file{listed}{more}{faults(found.results)}",
        code="MISSING_FILE",
        next="add them, or send it all the same with --incomplete: each such case ranks as missing",
    )


def faults(results: Results) -> str:
    """The first files that answer no case, a line each."""
    shown = [f"\n  {one.path}: {one.found}, wanted {one.wanted}" for one in results.problems[:_SHOWN]]
    more = f"\n  and {len(results.problems) - _SHOWN} more" if len(results.problems) > _SHOWN else ""
    return "".join(shown) + more
