"""What archives of result files are refused for before a worker looks inside."""

from __future__ import annotations

from assay.config.errors import Invalid, NotFound, Refused


class PredictionsUnknown(NotFound):
    """There is no such archive of result files in your teams."""

    code = "PREDICTIONS_UNKNOWN"
    hint = "Announce it first: `assay submit --predictions` does both."


class PredictionsTooLarge(Refused):
    """The archive of result files is larger than this site takes."""

    code = "OUTPUT_TOO_LARGE"
    status = 413
    hint = "Pack only the files that the phase asks for."


class NotZip(Invalid):
    """This file is no ZIP archive; nothing of it was kept."""

    code = "NOT_ZIP"
    hint = "Pack the tree of result files with `zip -r predictions.zip .` and send that file."
