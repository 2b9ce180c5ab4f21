"""What datasets and their files refuse."""

from __future__ import annotations

from assay.config.errors import Invalid, NotAllowed, NotFound, Refused


class NotYourDataset(NotAllowed):
    """This dataset belongs to another organiser."""

    code = "NOT_YOUR_DATASET"
    hint = "Take another name, or ask its owner to upload the next version."


class DatasetSealed(Refused):
    """A sealed version never changes."""

    code = "DATASET_SEALED"
    status = 409

    def __init__(self, *, name: str, version: int, free: int) -> None:
        super().__init__(
            f"{name}@{version} is sealed and never changes.", next=f"Upload the change as {name}@{free}, which is free."
        )


class BlobsMissing(Refused):
    """Files that the manifest names have not been uploaded."""

    code = "BLOBS_MISSING"
    status = 409

    def __init__(self, *, missing: int, first: str) -> None:
        super().__init__(
            f"{missing} of the files that the manifest names are not here, first {first}.",
            next="Upload them and seal again: what is here already is kept.",
        )


class HashMismatch(Refused):
    """The bytes that arrived have another SHA-256 than announced; nothing was kept."""

    code = "HASH_MISMATCH"
    status = 422
    hint = "Send the file again. If it happens twice, the file changed after it was hashed."


class TooLarge(Refused):
    """The file is larger than this site takes; nothing was kept."""

    code = "TOO_LARGE"
    status = 413


class StorageFull(Refused):
    """This site has no room left for the upload; nothing of it was kept, and what is here already is whole."""

    code = "STORAGE_FULL"
    status = 507
    hint = "Tell who runs the site, and send it again once there is room."


class UploadBroken(Refused):
    """The upload ended before its last byte; nothing was kept."""

    code = "UPLOAD_BROKEN"
    status = 400
    hint = "Send it again."


class LengthNeeded(Refused):
    """This server needs to know the length of an upload beforehand."""

    code = "LENGTH_NEEDED"
    status = 411
    hint = "Send a Content-Length header, or upload through the deployed site, which takes chunked bodies."


class BadManifest(Invalid):
    """The manifest does not fit the files."""

    code = "BAD_MANIFEST"


class HiddenData(NotAllowed):
    """A hidden version has no pictures: nobody may look at its cases."""

    code = "HIDDEN_DATA"
    hint = "Draw a public sample instead."


class BadPicture(Invalid):
    """This is no picture of the case."""

    code = "BAD_PICTURE"
    hint = "Send what `assay dataset pictures` draws."


class DatasetUnknown(NotFound):
    """There is no such dataset, or it is not yours to see."""

    code = "DATASET_UNKNOWN"
    hint = "Write it as name@version; `assay dataset upload` opens a new one."


class KeyBroken(Refused):
    """The dataset's key does not open with this site's secret."""

    code = "KEY_BROKEN"
    status = 500
    hint = "The site's secret changed: put the earlier one into ASSAY_SECRET_KEY_FALLBACKS."
