"""The public API as methods: contract models in, contract models out, KitError when the site says no."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from assay_kit.deadline import Deadline
from assay_kit.errors import SiteTrouble
from assay_kit.http import Body, Http
from evaluators.contract.api import (
    DatasetIn,
    DatasetOut,
    ImageIn,
    ImageOut,
    Me,
    PhaseOut,
    PredictionsIn,
    PredictionsListing,
    PredictionsOut,
    PublicCaseOut,
    PublicFileOut,
    SealIn,
    SubmissionIn,
    SubmissionOut,
)
from evaluators.contract.boards import BoardOut, PublishedOut, SnapshotOut
from evaluators.contract.challenge_files import ChallengeFileOut, ChallengeIn, ChallengeOut, DiffOut, LintOut
from evaluators.contract.datasets import DatasetManifest
from evaluators.contract.dry_runs import DryRunOut
from evaluators.contract.pictures import PictureIn
from evaluators.contract.rescores import RescoreIn, RescoreOut, RescorePublishIn
from evaluators.contract.volumes import VolumeIn

API = "/api/v1"
_CHUNK = 1 << 20
_PHASES = TypeAdapter(list[PhaseOut])
_SUBMISSIONS = TypeAdapter(list[SubmissionOut])
_PUBLIC_CASES = TypeAdapter(list[PublicCaseOut])
_PUBLIC_FILES = TypeAdapter(list[PublicFileOut])
Model = TypeVar("Model", bound=BaseModel)


def _parsed(adapter: Callable[[bytes], Model], response: httpx.Response) -> Model:
    try:
        return adapter(response.content)
    except ValidationError as error:
        raise _not_understood(response) from error


def _not_understood(response: httpx.Response) -> SiteTrouble:
    return SiteTrouble(
        f"the answer to {response.request.method} {response.request.url.path} is not understood",
        code="CONTRACT",
        next="is this the address of an Assay site, and is your `assay` as new as the site?",
    )


def _without_none(**query: str | None) -> dict[str, str]:
    return {key: value for key, value in query.items() if value is not None}


def _in_path(address: str) -> str:
    return quote(address, safe="/")


def _body_of(path: Path, *, sent: Callable[[int], None]) -> Callable[[], Iterator[bytes]]:
    """A file as a body that can be sent again."""

    def body() -> Iterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
                sent(len(chunk))

    return body


class Client:
    """One signed-in (or anonymous) caller of one site. Use it as a context manager, or `close` it."""

    def __init__(
        self,
        *,
        site: str,
        token: str | None,
        deadline: Deadline | None = None,
        detail: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._http = Http(site=site, token=token, deadline=deadline or Deadline(None), detail=detail)
        self.site = site

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def me(self) -> Me:
        """Who the token belongs to."""
        return _parsed(Me.model_validate_json, self._http.call("GET", f"{API}/me"))

    def phases(self, *, team: str | None = None) -> list[PhaseOut]:
        """Every phase that the caller may see, with what is left of the quota of `team` (by default the only one)."""
        response = self._http.call("GET", f"{API}/phases", query=_without_none(team=team))
        try:
            return _PHASES.validate_json(response.content)
        except ValidationError as error:
            raise _not_understood(response) from error

    def phase(self, address: str, *, team: str | None = None) -> PhaseOut | None:
        """`challenge/task/phase`, or None."""
        response = self._http.call(
            "GET", f"{API}/phases/{_in_path(address)}", query=_without_none(team=team), missing_is_fine=True
        )
        return None if response.status_code == 404 else _parsed(PhaseOut.model_validate_json, response)

    def offer_image(self, *, team: str, config_digest: str, archive_bytes: int, layers: Sequence[str]) -> ImageOut:
        """Ask whether the site needs this image, and which of its layers; `archive_bytes` may be an estimate."""
        ask = ImageIn(team=team, config_digest=config_digest, archive_bytes=archive_bytes, layers=list(layers))
        return _parsed(ImageOut.model_validate_json, self._http.call("POST", f"{API}/images", json=ask.model_dump()))

    def send_image(self, *, offer: ImageOut, archive: Body) -> ImageOut:
        """Stream a `docker save` archive; `archive` makes the stream anew where it has to be sent again."""
        response = self._http.call("PUT", offer.upload, body=archive, content_type="application/x-tar")
        return _parsed(ImageOut.model_validate_json, response)

    def predictions_listing(self, address: str) -> PredictionsListing:
        """Every path that an archive of result files may have in this phase. Raises RefusedByRules where it takes none."""
        response = self._http.call("GET", f"{API}/phases/{_in_path(address)}/predictions")
        return _parsed(PredictionsListing.model_validate_json, response)

    def offer_predictions(self, *, team: str, sha256: str, archive_bytes: int) -> PredictionsOut:
        """Ask whether the site needs this archive of result files."""
        ask = PredictionsIn(team=team, sha256=sha256, archive_bytes=archive_bytes)
        response = self._http.call("POST", f"{API}/predictions", json=ask.model_dump())
        return _parsed(PredictionsOut.model_validate_json, response)

    def send_predictions(
        self, *, offer: PredictionsOut, path: Path, sent: Callable[[int], None] = lambda _: None
    ) -> PredictionsOut:
        """Stream a ZIP; the site compares its hash. `sent` hears the bytes as they leave."""
        response = self._http.call(
            "PUT",
            offer.upload,
            body=_body_of(path, sent=sent),
            length=path.stat().st_size,
            content_type="application/zip",
        )
        return _parsed(PredictionsOut.model_validate_json, response)

    def submit(self, submission: SubmissionIn) -> SubmissionOut:
        """Enter an image or result files into a phase. Without `again` the same gives back the submission that stands already."""
        # the site gives the same submission back, so a lost answer may be asked for a second time
        response = self._http.call(
            "POST", f"{API}/submissions", json=submission.model_dump(exclude_none=True), repeatable=not submission.again
        )
        return _parsed(SubmissionOut.model_validate_json, response)

    def submissions(self, *, team: str) -> list[SubmissionOut]:
        """A team's submissions, newest first."""
        response = self._http.call("GET", f"{API}/submissions", query={"team": team})
        try:
            return _SUBMISSIONS.validate_json(response.content)
        except ValidationError as error:
            raise _not_understood(response) from error

    def submission(self, identity: str) -> SubmissionOut:
        """Raises NotFound."""
        response = self._http.call("GET", f"{API}/submissions/{quote(identity, safe='')}")
        return _parsed(SubmissionOut.model_validate_json, response)

    def cancel(self, identity: str) -> SubmissionOut:
        """Ask for the end of a run; it may take a heartbeat until it is seen. Raises NotFound, RefusedByRules."""
        response = self._http.call("POST", f"{API}/submissions/{quote(identity, safe='')}/cancel")
        return _parsed(SubmissionOut.model_validate_json, response)

    def board(self, address: str, *, stratum: str | None = None) -> BoardOut:
        """A phase's leaderboard, with `stratum` (`af=4`) ranked over those cases alone. Raises NotFound."""
        response = self._http.call("GET", f"{API}/boards/{_in_path(address)}", query=_without_none(stratum=stratum))
        return _parsed(BoardOut.model_validate_json, response)

    def snapshot(self, address: str, *, name: str) -> SnapshotOut:
        """A board as it was published. Raises NotFound."""
        response = self._http.call("GET", f"{API}/boards/{_in_path(address)}/snapshots/{quote(name, safe='')}")
        return _parsed(SnapshotOut.model_validate_json, response)

    def board_file(
        self, address: str, *, ending: str, stratum: str | None = None, snapshot: str | None = None
    ) -> bytes:
        """A board as the site's own file, csv or tex: live, or a snapshot by its name. Raises NotFound."""
        of = f"/snapshots/{quote(snapshot, safe='')}" if snapshot is not None else ""
        where = f"{API}/boards/{_in_path(address)}{of}.{ending}"
        return self._http.call("GET", where, query=_without_none(stratum=stratum)).content

    def publish_board(self, address: str) -> PublishedOut:
        """Keep a phase's board as it is now under a name of its own. Raises NotFound, RefusedByRules."""
        # the same board twice is one snapshot, so a lost answer may be asked for a second time
        response = self._http.call("POST", f"{API}/boards/{_in_path(address)}/snapshots", json={}, repeatable=True)
        return _parsed(PublishedOut.model_validate_json, response)

    def begin_rescore(self, ask: RescoreIn) -> RescoreOut:
        """Score again what the runs of a phase left. Raises RefusedByRules."""
        return _parsed(
            RescoreOut.model_validate_json, self._http.call("POST", f"{API}/rescores", json=ask.model_dump())
        )

    def rescore_of(self, address: str) -> RescoreOut:
        """The open re-score of a phase, else the last one. Raises NotFound."""
        response = self._http.call("GET", f"{API}/rescores", query={"phase": address})
        return _parsed(RescoreOut.model_validate_json, response)

    def change_rescore(self, number: int, verb: str) -> RescoreOut:
        """verb: retry, run-again, leave-out or drop. Raises RefusedByRules."""
        return _parsed(
            RescoreOut.model_validate_json, self._http.call("POST", f"{API}/rescores/{number}/{verb}", json={})
        )

    def publish_rescore(self, number: int, ask: RescorePublishIn) -> RescoreOut:
        """Swap old scores for new ones, all at once. Raises RefusedByRules."""
        response = self._http.call("POST", f"{API}/rescores/{number}/publish", json=ask.model_dump())
        return _parsed(RescoreOut.model_validate_json, response)

    def challenge_archive(self, name: str, *, licence: str, unfinished: bool) -> bytes:
        """A finished challenge as plain pages, in one ZIP. Raises NotFound, RefusedByRules."""
        query = {"licence": licence, "unfinished": str(unfinished).lower()}
        return self._http.call("GET", f"{API}/challenges/{quote(name, safe='')}/archive.zip", query=query).content

    def open_dataset(self, *, name: str, version: int) -> DatasetOut:
        """A new draft of name@version, or the one that is there."""
        ask = DatasetIn(name=name, version=version)
        return _parsed(
            DatasetOut.model_validate_json, self._http.call("POST", f"{API}/datasets", json=ask.model_dump())
        )

    def dataset(self, *, name: str, version: int) -> DatasetOut:
        """Raises NotFound."""
        return _parsed(
            DatasetOut.model_validate_json, self._http.call("GET", f"{API}/datasets/{quote(name)}/{version}")
        )

    def has_blob(self, *, sha256: str, dataset: str) -> bool:
        """Whether the site holds these bytes already. `dataset` is name@version."""
        response = self._http.call("HEAD", f"{API}/blobs/{sha256}", query={"dataset": dataset}, missing_is_fine=True)
        return response.status_code != 404

    def send_blob(self, *, sha256: str, dataset: str, path: Path, sent: Callable[[int], None] = lambda _: None) -> None:
        """Stream one file; the site compares its hash. `sent` hears the bytes as they leave."""
        self._http.call(
            "PUT",
            f"{API}/blobs/{sha256}",
            query={"dataset": dataset},
            body=_body_of(path, sent=sent),
            length=path.stat().st_size,
            content_type="application/octet-stream",
        )

    def seal_dataset(self, *, name: str, version: int, manifest: DatasetManifest) -> DatasetOut:
        """Close a draft for ever under its manifest; every blob must be there."""
        response = self._http.call(
            "POST",
            f"{API}/datasets/{quote(name)}/{version}/seal",
            json=SealIn(manifest=manifest).model_dump(mode="json"),
            repeatable=False,
        )
        return _parsed(DatasetOut.model_validate_json, response)

    def send_picture(self, *, name: str, version: int, picture: PictureIn) -> None:
        """Put one picture of a public case, in place of an earlier one."""
        self._http.call("PUT", f"{API}/datasets/{quote(name)}/{version}/pictures", json=picture.model_dump(mode="json"))

    def send_volume(self, *, name: str, version: int, volume: VolumeIn) -> None:
        """Put one volume of a public case, in place of an earlier one."""
        self._http.call("PUT", f"{API}/datasets/{quote(name)}/{version}/volumes", json=volume.model_dump(mode="json"))

    def public_files(self, *, name: str, version: int) -> list[PublicFileOut]:
        """Files of a public version, inputs and references. Raises NotFound for a hidden one."""
        response = self._http.call("GET", f"{API}/datasets/{quote(name)}/{version}/files")
        try:
            return _PUBLIC_FILES.validate_json(response.content)
        except ValidationError as error:
            raise _not_understood(response) from error

    def fetch_file(self, file: PublicFileOut) -> bytes:
        """The bytes of one of them."""
        return self._http.call("GET", file.url).content

    def public_cases(self, *, name: str, version: int) -> list[PublicCaseOut]:
        """What a scorer needs to know of the cases of a public version. Raises NotFound for a hidden one."""
        response = self._http.call("GET", f"{API}/datasets/{quote(name)}/{version}/cases")
        try:
            return _PUBLIC_CASES.validate_json(response.content)
        except ValidationError as error:
            raise _not_understood(response) from error

    def public_bytes(self, *, name: str, version: int, sha256: str) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes of one file of a public version, chunk by chunk; they may break off with a SiteTrouble."""
        return self._http.chunks(f"{API}/datasets/{quote(name)}/{version}/files/{quote(sha256)}")

    def lint_challenge(self, *, yaml: str, filename: str) -> LintOut:
        """What is wrong with a challenge file, the site's own needs included; nothing is changed."""
        return _parsed(LintOut.model_validate_json, self._send_file("lint", ChallengeIn(yaml=yaml, filename=filename)))

    def diff_challenge(self, *, yaml: str, filename: str) -> DiffOut:
        """What applying a challenge file would change; nothing is changed. Raises WrongUsage for a file with mistakes."""
        return _parsed(DiffOut.model_validate_json, self._send_file("diff", ChallengeIn(yaml=yaml, filename=filename)))

    def apply_challenge(
        self, *, yaml: str, filename: str, base: str | None = None, confirm: str | None = None
    ) -> ChallengeOut:
        """Apply a challenge file; the same file twice changes nothing.

        base: of the diff that was looked at. Raises RefusedByRules when another one stands by now, or `confirm` is missing.
        """
        ask = ChallengeIn(yaml=yaml, filename=filename, base=base, confirm=confirm)
        # with a base, the second of two equal calls would find the first one's work and be refused
        return _parsed(ChallengeOut.model_validate_json, self._send_file("apply", ask, repeatable=base is None))

    def challenge_file(self, challenge: str) -> ChallengeFileOut:
        """The file that stands, for its organisers. Raises NotFound, SignInNeeded."""
        response = self._http.call("GET", f"{API}/challenges/{quote(challenge, safe='')}/file")
        return _parsed(ChallengeFileOut.model_validate_json, response)

    def begin_dry_run(self, address: str) -> DryRunOut:
        """Try a phase's scorer. Raises RefusedByRules while one goes on, NotFound, SignInNeeded."""
        response = self._http.call("POST", f"{API}/dry-runs/{_in_path(address)}", repeatable=False)
        return _parsed(DryRunOut.model_validate_json, response)

    def latest_dry_run(self, address: str) -> DryRunOut:
        """What came of the latest. Raises NotFound where there was none."""
        response = self._http.call("GET", f"{API}/dry-runs/{_in_path(address)}")
        return _parsed(DryRunOut.model_validate_json, response)

    def _send_file(self, verb: str, ask: ChallengeIn, *, repeatable: bool = True) -> httpx.Response:
        return self._http.call("POST", f"{API}/challenges/{verb}", json=ask.model_dump(), repeatable=repeatable)
