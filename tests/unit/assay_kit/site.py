"""A small real HTTP server that speaks the public API with the contract's models, for tests of the `assay` command."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel

from evaluators.contract import docker_line
from evaluators.contract.api import (
    CaseCount,
    DatasetIn,
    DatasetOut,
    ImageIn,
    ImageOut,
    Me,
    PhaseOut,
    PredictionsIn,
    PredictionsListing,
    PredictionsOffer,
    PredictionsOut,
    PublicCaseOut,
    PublicFileOut,
    SealIn,
    SubmissionIn,
    SubmissionOut,
)
from evaluators.contract.boards import BoardColumn, BoardOut, BoardRow, SnapshotOut
from evaluators.contract.challenge_files import (
    ChallengeIn,
    DiffOut,
    FileProblem,
)
from evaluators.contract.datasets import DatasetManifest, FileRef
from evaluators.contract.dry_runs import DryRunOut
from evaluators.contract.failures import FailureNote
from evaluators.contract.limits import Limits
from evaluators.contract.pictures import PictureIn
from evaluators.contract.rescores import RescoreOut
from evaluators.contract.sealing import new_key
from evaluators.contract.volumes import VolumeIn
from tests.unit.assay_kit.site_organiser import NOW, OrganiserRoutes, Refused

TOKEN = "token-of-a-team"
API = "/api/v1"


def phase(address: str, *, is_open: bool = True, left: int = 2, image: str = "10GiB") -> PhaseOut:
    limits = Limits(image=image)
    return PhaseOut(
        address=address,
        title=address.rsplit("/", 1)[-1].title(),
        is_open=is_open,
        opens_at=NOW - timedelta(days=1),
        closes_at=NOW + timedelta(days=30),
        state="open until 25 Dec" if is_open else "closed on 1 Nov",
        cases=6,
        limits=limits,
        docker_line=docker_line.printed_line(limits=limits),
        quota={"submissions": 3, "every": "day", "attempts": 10, "used": 3 - left, "left": left},
        url=f"/{address}",
    )


#: what the phase that takes result files asks for
PREDICTIONS = [f"Cine/AccFactor04/P00{number}/cine_sax.mat" for number in (1, 2, 5)]


def taking(one: PhaseOut, *, max_bytes: int = 2**20) -> PhaseOut:
    """A phase that takes result files as well."""
    offer = PredictionsOffer(
        inputs="given-out",
        path="Cine/AccFactor{af:02d}/{subject}/cine_{view}.mat",
        formats=["mat-v7", "mat-v7.3"],
        variable="img4ranking",
        axes="x y slice frame",
        shape="ranked",
        part="the two middle slices",
        max_bytes=max_bytes,
        max_files=10,
        listing=f"/api/v1/phases/{one.address}/predictions",
    )
    return one.model_copy(update={"predictions": offer})


@dataclass
class Site:
    """What the server knows, and what it was asked."""

    phases: list[PhaseOut] = field(
        default_factory=lambda: [
            taking(phase("demo/cine-multicoil/validation")),
            phase("demo/cine-multicoil/test"),
            phase("demo/mapping/test"),
            phase("demo/mapping/warm-up", is_open=False),
        ]
    )
    teams: list[str] = field(default_factory=lambda: ["leeds"])
    images: dict[str, bytes | int] = field(default_factory=dict)
    #: diff_ids that need not be sent
    layers: set[str] = field(default_factory=set)
    #: sha256 -> archives of result files
    predictions: dict[str, bytes] = field(default_factory=dict)
    submissions: dict[str, SubmissionOut] = field(default_factory=dict)
    #: states that a submission goes through, one for each time it is asked for
    script: list[dict[str, Any]] = field(default_factory=list)
    datasets: dict[str, DatasetOut] = field(default_factory=dict)
    manifests: dict[str, DatasetManifest] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    #: "name@version" -> what was put for its viewer
    pictures: dict[str, list[PictureIn]] = field(default_factory=dict)
    volumes: dict[str, list[VolumeIn]] = field(default_factory=dict)
    boards: dict[str, BoardOut] = field(default_factory=dict)
    #: challenge -> its archive
    archives: dict[str, bytes] = field(default_factory=dict)
    #: of the one phase that has one; and what was asked about it
    rescore: RescoreOut | None = None
    rescore_calls: list[str] = field(default_factory=list)
    applied: list[ChallengeIn] = field(default_factory=list)
    #: what lint and diff answer, and the file that stands
    file_problems: list[FileProblem] = field(default_factory=list)
    difference: DiffOut = field(
        default_factory=lambda: DiffOut(
            challenge="demo", base="b" * 64, differences=[], only_layout=False, losses=[], warnings=[]
        )
    )
    challenge_file: str = ""
    #: what dry runs answer, one a call, the last one stays; and the phases of those that were begun
    dry_runs: list[DryRunOut] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    entered: list[SubmissionIn] = field(default_factory=list)
    max_image: int = 2**33
    #: code with which every archive is rejected
    rejects: str = ""
    #: blobs whose first upload is lost
    lost: dict[str, bool] = field(default_factory=dict)
    keep_archives: bool = True
    #: "METHOD path-pattern" -> statuses to answer with first; 0 drops the connection
    trouble: dict[str, list[int]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    tokens_seen: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)
    address: str = ""

    def submission(self, identity: str = "4F7Q", **changes: Any) -> SubmissionOut:
        values: dict[str, Any] = {
            "id": identity,
            "url": f"{self.address}/s/{identity}",
            "team": "leeds",
            "method": "varnet",
            "baseline": False,
            "phase": "demo/cine-multicoil/test",
            "state": "queued",
            "sentence": "waits for a worker",
            "received_at": NOW,
            "attempt": 1,
            "failure": None,
            "case_failures": {},
            "files_present": None,
            "files_expected": 6,
            "cases": CaseCount(scored=0, failed=0, total=6),
            "seconds": None,
            "peak_memory": None,
            "config_digest": "0" * 64,
        }
        one = SubmissionOut(**{**values, **changes})
        self.submissions[identity] = one
        return one

    def next_state(self, identity: str) -> SubmissionOut:
        one = self.submissions.get(identity)
        if one is None:
            raise Refused(404, "SUBMISSION_UNKNOWN", f"there is no submission {identity}", next="assay status")
        with self.lock:
            if self.script:
                self.submissions[identity] = one = one.model_copy(update=self.script.pop(0))
        return one


def board_row(rank: float | None, method: str, **changes: Any) -> BoardRow:
    values: dict[str, Any] = {
        "rank": rank,
        "team": "leeds",
        "method": method,
        "baseline": False,
        "submission": method.upper()[:4],
        "metrics": {"ssim": 0.9618, "nmse": 0.00612},
        "strata": {"af=4": {"ssim": 0.98, "nmse": 0.004}, "af=10": {"ssim": 0.91, "nmse": None}},
        "cases": 6,
        "failures": {},
        "seconds": 12.4,
        "seconds_a_case": 12.4 / 6,
        "peak_memory": 3 * 2**28,
    }
    return BoardRow(**{**values, **changes})


def board(*rows: BoardRow) -> BoardOut:
    columns = [("ssim", "SSIM", "1", "higher", 3), ("nmse", "NMSE", "1", "lower", 4)]
    return BoardOut(
        phase="demo/cine-multicoil/test",
        title="Cine, multi-coil",
        scorer="abc",
        dataset="cine-test@1",
        cases=6,
        units=2,
        rule="sum_of_ranks",
        columns=[
            BoardColumn(key=key, title=title, unit=unit, better=better, digits=digits, ranks=True, options={})
            for key, title, unit, better, digits in columns
        ],
        rows=list(rows),
        not_ranked=[{"method": "broken", "team": "delft", "reason": "OOM_RAM"}],
    )


def failed(code: str = "OOM_RAM", detail: str = "used 64 of 64 GiB") -> dict[str, Any]:
    return {"state": "failed", "sentence": f"failed: {code}", "failure": FailureNote(code=code, detail=detail)}


class Handler(OrganiserRoutes, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        site = self.server.site
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        with site.lock:
            site.calls[f"{self.command} {parts.path}"] += 1
            for pattern, statuses in site.trouble.items():
                if statuses and re.fullmatch(pattern, f"{self.command} {parts.path}"):
                    self._trouble(statuses.pop(0))
                    return
        try:
            answer = self._answer(f"{self.command} {parts.path.removeprefix(API)}")
        except Refused as refused:
            self._drain()
            self._send(refused.status, refused.refusal.model_dump())
        else:
            self._send(200, answer)

    do_GET = do_POST = do_PUT = do_HEAD = _serve

    def _trouble(self, status: int) -> None:
        self.close_connection = True
        if status:
            self._send(status, None, raw=b"<html>a proxy's page</html>")

    # bodies ----------------------------------------------------------------------------------------------------------
    def _chunks(self) -> Any:
        self.drained = True
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        elif length := int(self.headers.get("Content-Length", 0)):
            yield self.rfile.read(length)

    def _drain(self) -> None:
        if not getattr(self, "drained", False):
            for _ in self._chunks():
                pass

    def _body(self, model: type[Any]) -> Any:
        return model.model_validate_json(b"".join(self._chunks()))

    def _send(self, status: int, value: Any, raw: bytes | None = None) -> None:
        self.drained = False
        if isinstance(value, BaseModel):
            value = value.model_dump(mode="json")
        if isinstance(value, bytes):
            raw = value
        content = json.dumps(value).encode() if raw is None else raw
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            # unsaid, the client may send its next try into a connection that is about to close: a try that nobody counts
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # routes ----------------------------------------------------------------------------------------------------------
    def _signed_in(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.server.site.tokens_seen.add(token)
        if token != TOKEN:
            raise Refused(401, "TOKEN", "this token is not known here", help="/help/TOKEN")

    def _answer(self, call: str) -> Any:
        site = self.server.site
        public: dict[str, Any] = {
            r"GET /phases": lambda: [one.model_dump(mode="json") for one in site.phases],
            r"GET /phases/(.+)/predictions": self._listing,
            r"GET /phases/(.+)": self._phase,
            r"GET /(boards/.+\.(?:csv|tex))": self._board_file,
            r"GET /boards/(.+)/snapshots/([^/]+)": self._snapshot,
            r"GET /boards/(.+)": self._board,
            r"GET /datasets/[^/]+/\d+/files/(\w+)": self._file,
            r"GET /datasets/([^/]+)/(\d+)/files": self._files,
            r"GET /datasets/([^/]+)/(\d+)/cases": self._cases,
        }
        private: dict[str, Any] = {
            r"GET /me": lambda: Me(name="alice", teams=site.teams, token="laptop", scopes=["submit"]),
            r"POST /images": self._offer,
            r"PUT /uploads/(\w+)": self._archive,
            r"POST /predictions": self._offer_predictions,
            r"PUT /predictions/(\w+)": self._predictions,
            r"POST /submissions": self._submit,
            r"GET /submissions": lambda: [
                one.model_dump(mode="json") for one in site.submissions.values() if one.team == self.query["team"]
            ],
            r"GET /submissions/([^/]+)": site.next_state,
            r"POST /submissions/([^/]+)/cancel": self._cancel,
            r"POST /datasets": self._dataset,
            r"GET /datasets/([^/]+)/(\d+)": self._show_dataset,
            r"HEAD /blobs/(\w+)": self._has_blob,
            r"PUT /blobs/(\w+)": self._blob,
            r"POST /datasets/([^/]+)/(\d+)/seal": self._seal,
            r"PUT /datasets/([^/]+)/(\d+)/pictures": self._picture,
            r"PUT /datasets/([^/]+)/(\d+)/volumes": self._volume,
            r"POST /dry-runs/(.+)": self._begin_dry_run,
            r"GET /dry-runs/(.+)": self._dry_run,
            r"POST /challenges/apply": self._apply,
            r"POST /challenges/lint": self._lint,
            r"POST /challenges/diff": self._diff,
            r"GET /challenges/([^/]+)/file": self._challenge_file,
            r"GET /challenges/([^/]+)/archive\.zip": self._challenge_archive,
            r"GET /rescores": self._rescore,
            r"POST /rescores": self._begin_rescore,
            r"POST /rescores/\d+/([a-z-]+)": self._change_rescore,
            r"POST /boards/(.+)/snapshots": self._publish,
        }
        for routes, needs_token in ((public, False), (private, True)):
            for pattern, route in routes.items():
                if found := re.fullmatch(pattern, call):
                    if needs_token:
                        self._signed_in()
                    return route(*found.groups())
        raise Refused(404, "NOT_FOUND", f"nothing is at {call}")

    def _phase(self, address: str) -> PhaseOut:
        for one in self.server.site.phases:
            if one.address == address:
                return one
        raise Refused(404, "PHASE_UNKNOWN", f"there is no phase {address}")

    def _board(self, address: str) -> BoardOut:
        chosen = f"?{self.query['stratum']}" if "stratum" in self.query else ""
        found = self.server.site.boards.get(address + chosen)
        if found is None:
            raise Refused(404, "BOARD_UNKNOWN", f"there is no board {address}")
        return found

    def _board_file(self, address: str) -> bytes:
        """Bytes that nobody but the site could have made."""
        return f"{address} {self.query}\r\nGdańsk,1\r\n".encode()

    def _snapshot(self, address: str, name: str) -> SnapshotOut:
        found = self.server.site.boards.get(f"{address}@{name}")
        if found is None:
            raise Refused(404, "SNAPSHOT_UNKNOWN", "no board was published under this name")
        return SnapshotOut(
            name=name, challenge="Demo", task="Cine", taken_at=datetime.now(UTC), dataset_sha256="", unit="subject",
            board=found,
        )  # fmt: skip

    def _offer(self) -> ImageOut:
        ask = self._body(ImageIn)
        told = self._image(ask.config_digest)
        told.wanted = [layer for layer in ask.layers if layer not in self.server.site.layers]
        return told

    def _image(self, digest: str) -> ImageOut:
        site = self.server.site
        state = "ready" if digest in site.images else "needed"
        upload = f"{API}/uploads/{digest}"
        return ImageOut(id=1, config_digest=digest, state=state, upload=upload, max_bytes=site.max_image)

    def _archive(self, digest: str) -> ImageOut:
        site = self.server.site
        assert self.headers["Content-Type"] == "application/x-tar"
        if site.rejects:
            raise Refused(422, site.rejects, "the image cannot run here", next="build it again")
        site.images[digest] = b"".join(self._chunks()) if site.keep_archives else sum(map(len, self._chunks()))
        return self._image(digest)

    def _listing(self, address: str) -> PredictionsListing:
        if self._phase(address).predictions is None:
            raise Refused(409, "PREDICTIONS_NOT_TAKEN", "this phase takes containers alone")
        return PredictionsListing(paths=PREDICTIONS)

    def _offer_predictions(self) -> PredictionsOut:
        return self._archive_of(self._body(PredictionsIn).sha256)

    def _archive_of(self, sha256: str) -> PredictionsOut:
        site = self.server.site
        state = "ready" if sha256 in site.predictions else "needed"
        return PredictionsOut(
            id=1, sha256=sha256, state=state, upload=f"{API}/predictions/{sha256}", max_bytes=site.max_image
        )

    def _predictions(self, sha256: str) -> PredictionsOut:
        content = b"".join(self._chunks())
        assert self.headers["Content-Type"] == "application/zip"
        assert hashlib.sha256(content).hexdigest() == sha256
        self.server.site.predictions[sha256] = content
        return self._archive_of(sha256)

    def _submit(self) -> SubmissionOut:
        site = self.server.site
        ask = self._body(SubmissionIn)
        for one in site.submissions.values():
            same = (one.config_digest, one.predictions) == (ask.config_digest, ask.predictions)
            if same and one.phase == ask.phase and not ask.again:
                return one.model_copy(update={"duplicate": True})
        if self._phase(ask.phase).quota["left"] == 0:
            raise Refused(409, "QUOTA", "3 of 3 used today", next="back at 00:00 UTC", help="/help/QUOTA")
        site.entered.append(ask)
        return site.submission(
            f"S{len(site.entered)}", phase=ask.phase, method=ask.method, config_digest=ask.config_digest, team=ask.team,
            predictions=ask.predictions,
        )  # fmt: skip

    def _cancel(self, identity: str) -> SubmissionOut:
        one = self.server.site.next_state(identity)
        if one.state == "scored":
            raise Refused(409, "TOO_LATE", f"{identity} is scored already")
        return self.server.site.submission(identity, state="cancelled", sentence="withdrawn by the team")

    def _dataset(self) -> DatasetOut:
        ask = self._body(DatasetIn)
        fresh = DatasetOut(name=ask.name, version=ask.version, state="draft", key=new_key(), sha256=None, cases=0)
        return self.server.site.datasets.setdefault(f"{ask.name}@{ask.version}", fresh)

    def _show_dataset(self, name: str, version: str) -> DatasetOut:
        found = self.server.site.datasets.get(f"{name}@{version}")
        if found is None:
            raise Refused(404, "DATASET_UNKNOWN", "there is no such dataset")
        return found

    def _has_blob(self, sha256: str) -> None:
        assert self.query["dataset"] in self.server.site.datasets
        if sha256 not in self.server.site.blobs:
            raise Refused(404, "BLOB_UNKNOWN", "not here")

    def _blob(self, sha256: str) -> dict[str, str]:
        content = b"".join(self._chunks())
        assert self.headers["Content-Length"] == str(len(content))
        if self.server.site.lost.pop(sha256, False):
            raise Refused(400, "UPLOAD_BROKEN", "the upload ended before its last byte")
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Refused(422, "HASH_MISMATCH", "the bytes have another hash")
        self.server.site.blobs[sha256] = content
        return {}

    def _seal(self, name: str, version: str) -> DatasetOut:
        site = self.server.site
        manifest = self._body(SealIn).manifest
        refs = [ref for case in manifest.cases for ref in (*case.inputs, *case.references)]
        if missing := [ref.path for ref in refs if len(site.blobs.get(ref.sha256, b"")) != ref.size]:
            raise Refused(409, "BLOBS_MISSING", f"{len(missing)} files are missing")
        key = f"{name}@{version}"
        site.manifests[key] = manifest
        update = {"state": "sealed", "cases": len(manifest.cases), "sha256": "a" * 64, "key": None}
        site.datasets[key] = site.datasets[key].model_copy(update=update)
        return site.datasets[key]

    def _picture(self, name: str, version: str) -> dict[str, str]:
        site, key = self.server.site, f"{name}@{version}"
        if site.manifests[key].visibility != "public":
            raise Refused(403, "HIDDEN_DATA", "a hidden version has no pictures")
        site.pictures.setdefault(key, []).append(self._body(PictureIn))
        return {}

    def _volume(self, name: str, version: str) -> dict[str, str]:
        self.server.site.volumes.setdefault(f"{name}@{version}", []).append(self._body(VolumeIn))
        return {}

    def _file(self, sha256: str) -> bytes:
        return self.server.site.blobs[sha256]

    def _public(self, name: str, version: str) -> list[PublicCaseOut]:
        manifest = self.server.site.manifests.get(f"{name}@{version}")
        if manifest is None or manifest.visibility != "public":
            raise Refused(404, "DATASET_UNKNOWN", "there is no such dataset")
        return [
            PublicCaseOut(
                label=case.label,
                strata=case.strata,
                inputs=_named(case.inputs, case.group.split("/")[0]),
                references=_named(case.references, case.group.split("/")[0]),
                shape=case.shape,
                affine=case.affine,
            )
            for case in manifest.cases
        ]

    def _files(self, name: str, version: str) -> list[dict[str, Any]]:
        return [
            PublicFileOut(
                case=case.label, role=role, path=file.path, sha256=file.sha256, size=file.size,
                url=f"{API}/datasets/{name}/{version}/files/{file.sha256}",
            ).model_dump()
            for case in self._public(name, version)
            for role, files in (("input", case.inputs), ("reference", case.references))
            for file in files
        ]  # fmt: skip

    def _cases(self, name: str, version: str) -> list[dict[str, Any]]:
        return [case.model_dump(mode="json") for case in self._public(name, version)]


def _named(files: tuple[FileRef, ...], name: str) -> tuple[FileRef, ...]:
    return tuple(file.model_copy(update={"path": file.path.replace("{name}", name)}) for file in files)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, site: Site) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.site = site
        site.address = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
