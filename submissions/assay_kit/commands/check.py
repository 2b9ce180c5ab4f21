"""`assay check`: a free rehearsal on this machine, green or red as the site would say it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assay_kit.errors import ExitCode, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import verb

if TYPE_CHECKING:
    from assay_kit.rehearsal.report import Report
    from assay_kit.rehearsal.run import Bench

#: files of samples that stay on this machine, bytes
_CACHE = 20 * 2**30
#: of a log, in lines
_TAIL = 20


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/assay, by default ~/.cache/assay."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "assay"


def register(app: typer.Typer) -> None:
    """Add the verb to `app`."""

    @verb(
        app,
        "check",
        examples=[
            "assay check varnet:1 --phase cine-multicoil/test",
            "assay check --case largest",
            "assay check varnet:1 --phase test --case 2 --keep ./output --json",
        ],
    )
    def check(
        ctx: typer.Context,
        *,
        image: Annotated[
            str | None, typer.Argument(metavar="IMAGE", help="An image of your engine; default from assay.toml.")
        ] = None,
        phase: Annotated[
            str | None, typer.Option("--phase", metavar="PHASE", help="challenge/task/phase, or a tail of it.")
        ] = None,
        case: Annotated[
            str | None, typer.Option("--case", metavar="N", help="One case of the sample: its number, or `largest`.")
        ] = None,
        keep: Annotated[
            Path | None, typer.Option("--keep", metavar="DIR", help="Keep here what it wrote to /output for the cases.")
        ] = None,
    ) -> ExitCode:
        """Run an image on a phase's public sample under the phase's own docker line and limits, read its files as the site reads
        them, and score them. Free, and nothing but downloads touches the site. The sample is fetched once, into the XDG cache
        folder. Exit code 0 when every case has its scores, 1 when not: the codes are those of the site's help."""
        current = session(ctx)
        wanted = current.needed("image", image, "IMAGE, or `image = …` in assay.toml")
        address = current.needed("phase", phase, "--phase PHASE; `assay phases` lists them")
        if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise WrongUsage(f"--keep {keep}: there is something already", next="name a new folder, or empty it")
        report = _check(current, image=wanted, address=address, case=case, keep=keep)
        _tell(current, report)
        return ExitCode.DONE if report.good else ExitCode.NO


def _check(current: Session, *, image: str, address: str, case: str | None, keep: Path | None) -> Report:
    from assay_kit.images import platform_warning  # noqa: PLC0415 - docker and pydantic take 0.9 s to load
    from assay_kit.phases import find, whole  # noqa: PLC0415
    from assay_kit.rehearsal.here import limits_here  # noqa: PLC0415
    from assay_kit.rehearsal.report import Report  # noqa: PLC0415
    from assay_kit.rehearsal.run import rehearse  # noqa: PLC0415
    from assay_kit.rehearsal.sample import job_of, sample_of, task_of  # noqa: PLC0415
    from evaluators.contract.docker_line import printed_line  # noqa: PLC0415
    from evaluators.contract.tasks import RunMode  # noqa: PLC0415
    from evaluators.sandbox.errors import LoadFailure  # noqa: PLC0415

    client = current.client
    phase = whole(client=client, phase=find(client=client, text=address))
    sample = sample_of(client=client, phase=phase, case=case)
    local = current.engine().inspect(image)
    if warning := platform_warning(local):
        current.out.say(warning)
    if phase.docker_line != printed_line(limits=phase.limits, interactive=task_of(phase).mode is RunMode.PER_CASE):
        current.out.say("warning: the site runs another docker line than this `assay`: one of the two is older")
    with (
        current.out.waiting(f"preparing {local.name} and {sample.address}") as waiting,
        _bench(current, waiting.update) as bench,
    ):
        here = limits_here(phase.limits, facts=bench.sandbox.facts(), root=os.geteuid() == 0)
        for difference in here.differences:
            current.out.say(f"warning: {difference}")
        job = job_of(phase=phase, limits=here.limits, image=local.identity, sample=sample)
        try:
            # the same judgement of architecture, size and volumes as there; nothing is loaded that the engine has
            info = bench.sandbox.load_image(archive=(), config_digest=local.identity, limit=phase.limits.image)
        except LoadFailure as failure:
            return Report(phase=phase, image=local, sample=sample, refused=failure.note, differences=here.differences)
        done = rehearse(bench=bench, job=job, sample=sample, image=info, gpu_uuids=here.gpu_uuids, keep=keep)
        if done.driven.outcome.cancelled:
            current.deadline.check(doing="the container")
        return Report(phase=phase, image=local, sample=sample, rehearsed=done, differences=here.differences)


@contextmanager
def _bench(current: Session, told: Callable[[str], None]) -> Iterator[Bench]:
    """Sandbox and cache of this machine. Raises CheckBroken for whatever the engine or a disk did wrong meanwhile."""
    import docker  # noqa: PLC0415

    from assay_kit.images import engine_address  # noqa: PLC0415
    from assay_kit.rehearsal.errors import CheckBroken  # noqa: PLC0415
    from assay_kit.rehearsal.run import Bench  # noqa: PLC0415
    from assay_kit.rehearsal.tools import bring_tools  # noqa: PLC0415
    from evaluators.sandbox.docker_sandbox import DockerSandbox  # noqa: PLC0415
    from evaluators.sandbox.errors import EngineFailure  # noqa: PLC0415
    from evaluators.worker.cache import Cache  # noqa: PLC0415
    from evaluators.worker.errors import PlatformFault  # noqa: PLC0415

    if address := engine_address():
        # the sandbox knows no docker contexts, and both must mean one engine
        os.environ["DOCKER_HOST"] = address
    folder = cache_folder()
    root = folder / "check"
    root.mkdir(parents=True, exist_ok=True)
    cache = Cache(root=folder / "files", limit=_CACHE)
    try:
        client = docker.from_env()
        tools = bring_tools(client)
        client.close()
        sandbox = DockerSandbox(work_root=root, tools_image=tools)
        current.closing.callback(sandbox.close)
        yield Bench(sandbox=sandbox, cache=cache, root=root, told=told, over=lambda: current.deadline.left == 0.0)
    except EngineFailure as error:
        raise CheckBroken(f"the engine here failed: {error}", next="is the engine well? try again") from error
    except PlatformFault as error:
        raise CheckBroken(str(error), code=error.note.code, next="try again") from error
    cache.trim()


def _tell(current: Session, report: Report) -> None:
    from evaluators.contract.failures import HELP  # noqa: PLC0415

    if current.out.json:
        current.out.document(report.document())
    elif current.out.quiet:
        current.out.line("good" if report.good else " ".join(report.codes))
    else:
        for line in report.lines():
            current.out.line(line)
        current.out.line(report.phase.docker_line)
    if not report.good and report.rehearsed is not None and (log := report.rehearsed.driven.outcome.log):
        tail = log.splitlines()[-_TAIL:]
        current.out.say("\n".join(["the end of its log:", *(f"  {line}" for line in tail)]))
    for code, detail in report.codes.items():
        told = HELP[code]
        current.out.notice(
            label="failed",
            code=code,
            message=f"{told.sentence} {detail}".rstrip(),
            next=told.fix,
            help=f"{current.site}/help/{code}",
        )
