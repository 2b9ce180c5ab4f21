"""An archive as an answer: packed into a file of no name, sent, and gone."""

from __future__ import annotations

import tempfile

from django.http import FileResponse
from django.utils import timezone

from assay.challenges.models import Challenge
from assay.console.archive.gather import gather
from assay.console.archive.write import write_zip


def zipped(challenge: Challenge, *, licence: str, unfinished: bool) -> FileResponse:
    """Raises ChallengeUnfinished. Whether the reader may have it is the caller's question."""
    gathered = gather(challenge, now=timezone.now(), licence=licence[:200], unfinished=unfinished)
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the answer closes it
    write_zip(gathered, file=file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{challenge.slug}.zip", content_type="application/zip")
