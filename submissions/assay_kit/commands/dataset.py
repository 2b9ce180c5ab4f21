"""`assay dataset check`, `import` and `phantom`; `download` and `pictures` are files of their own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from assay_kit.commands.pictures import send_pictures
from assay_kit.console import counted
from assay_kit.errors import ExitCode, WrongUsage
from assay_kit.session import Session, session
from assay_kit.verbs import new_app, verb

if TYPE_CHECKING:
    from evaluators.contract.api import DatasetOut
    from evaluators.contract.datasets import DatasetManifest
    from evaluators.contract.tasks import TaskSpec
    from evaluators.importers.tree import Only, StrataOf

app = new_app(help="Data of the site: download what is public, bring your own (for organisers).")

_LAYOUTS = "cmrxrecon (2023, cine, multi-coil), cmrxrecon-2023-mapping, cmrxrecon-2024-task1, cmrxrecon-2025-r1 ...; "
_LAYOUTS += "image-and-labels (any tree with a sheet), brats-2023, isles-2022, nnunet, decathlon (AMOS, BTCV) ..."
_Layout = Annotated[str, typer.Argument(metavar="LAYOUT", help=f"How the folder is laid out: {_LAYOUTS}")]
_Path = Annotated[Path, typer.Argument(metavar="PATH", help="The folder as downloaded.")]
_Set = Annotated[str, typer.Option("--set", metavar="SET", help="Which set of the folder.")]
_Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="STRATUM=VALUE", help="Only these cases, such as weighting=T1; may be repeated."),
]
_IfMissing = Annotated[bool, typer.Option("--if-missing", help="Do nothing when this version is closed already.")]
_GivenOut = Annotated[
    bool,
    typer.Option(
        "--inputs-given-out",
        help="Teams hold these inputs by the names in this folder, which the site then tells: a phase may take result files.",
    ),
]
_For = Annotated[
    str | None,
    typer.Option("--for", metavar="TASK", help="challenge/task that the cases must fit, asked before a byte is sent."),
]
_Public = Annotated[bool, typer.Option("--public", help="Leave the references open: a sample for everybody.")]


@verb(
    app,
    "check",
    examples=[
        "assay dataset check cmrxrecon ./CMRxRecon2023 --set TestSet",
        "assay dataset check cmrxrecon-2023-mapping ./CMRxRecon2023 --only weighting=T1",
        "assay dataset check brats-2023 ./BraTS2023-GLI-TrainingData",
        "assay dataset check nnunet ./Dataset001_Liver --set TrainingSet",
    ],
)
def check(ctx: typer.Context, layout: _Layout, path: _Path, set_name: _Set = "TestSet", only: _Only = None) -> ExitCode:
    """Look at every file of a folder and send nothing. Exit code 1 when a file is not as the layout wants it, with one line a
    file."""
    from assay_kit.layouts import DatasetInvalid, count_parts, parse_only, read_layout  # noqa: PLC0415

    current = session(ctx)
    with TemporaryDirectory(prefix="assay-") as staging:
        try:
            imported = read_layout(
                layout=layout,
                root=path,
                set_name=set_name,
                staging=Path(staging),
                key=None,
                seed="check",
                only=parse_only(only or ()),
            )
        except DatasetInvalid as error:
            # the list of bad files is the answer that was asked for, not an error of the command
            if current.out.json:
                current.out.document({"good": error.good, "problems": list(error.problems)})
            else:
                for line in error.message.splitlines():
                    current.out.line(line)
            return error.exit_code
    summary, parts = summarise(imported.manifest), count_parts(imported.manifest)
    if current.out.json:
        current.out.document({**summary, "parts": parts, "problems": []})
    elif not current.out.quiet:
        current.out.line(
            f"{counted(summary['files'], 'file')} good, {counted(summary['cases'], 'case')} of {counted(summary['units'], 'subject')}"
        )
        for part, count in parts.items():
            current.out.line(f"{part}: with {count} of {counted(summary['cases'], 'case')}")
    return ExitCode.DONE


@verb(
    app,
    "import",
    examples=[
        "assay dataset import cmrxrecon ./CMRxRecon2023 --name cine-test --version 1 --set TestSet",
        "assay dataset import cmrxrecon ./CMRxRecon2023 --name cine-test --version 2 --for cmrxrecon-2023/cine-multicoil",
        "assay dataset import cmrxrecon ./sample --name cine-sample --version 1 --public",
        "assay dataset import cmrxrecon ./CMRxRecon2023 --name cine-val --version 1 --set ValidationSet --inputs-given-out",
        "assay dataset import cmrxrecon-2023-mapping ./CMRxRecon2023 --name t1-test --version 1 --only weighting=T1",
    ],
)
def import_(
    ctx: typer.Context,
    *,
    layout: _Layout,
    path: _Path,
    name: Annotated[str, typer.Option("--name", help="Name of the dataset at the site.")],
    version: Annotated[int, typer.Option("--version", min=1, help="Which version this is; a version never changes.")],
    set_name: _Set = "TestSet",
    only: _Only = None,
    public: _Public = False,
    inputs_given_out: _GivenOut = False,
    task: _For = None,
    if_missing: _IfMissing = False,
) -> ExitCode:
    """Check a folder, seal its references on this machine, upload what the site has not, and close the version. Without
    --public only ciphertext of the references leaves this machine. After a break, run the same line again."""
    from assay_kit.layouts import parse_only  # noqa: PLC0415

    current = session(ctx)
    chosen = parse_only(only or ())
    wanted = None if task is None else _task(current, task)
    draft = _draft(current, name=name, version=version, public=public, if_missing=if_missing)
    if draft is None:
        return ExitCode.DONE
    return _bring(
        current,
        layout=layout,
        root=path,
        set_name=set_name,
        draft=draft,
        public=public,
        only=chosen,
        inputs_given_out=inputs_given_out,
        wanted=wanted,
    )


@verb(
    app,
    "phantom",
    examples=[
        "assay dataset phantom --name demo-test --version 1 --subjects 12 --real 3 --seed-file seed.txt --if-missing",
        "assay dataset phantom --name demo-sample --version 1 --subjects 5 --public --seed-file -",
        "assay dataset phantom --out ./train --subjects 20 --set TrainingSet --seed-file seed.txt",
        "assay dataset phantom --name t1-test --version 1 --scan T1map --single-coil --seed-file seed.txt",
        "assay dataset phantom --name lesions --version 1 --scan brain --subjects 12 --real 3 --seed-file seed.txt",
        "assay dataset phantom --name vessels --version 1 --scan topology-pictures --subjects 60 --real 1 --seed-file seed.txt",
        "assay dataset phantom --name robust --version 1 --free-breathing 3 --arrhythmia 3 --seed-file seed.txt",
    ],
)
def phantom(
    ctx: typer.Context,
    *,
    seed_file: Annotated[
        str, typer.Option("--seed-file", metavar="FILE", help="The secret that decides the data; - is stdin.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="Name of the dataset at the site.")] = None,
    version: Annotated[int | None, typer.Option("--version", min=1, help="Which version this is.")] = None,
    scan: Annotated[
        str,
        typer.Option(
            "--scan",
            metavar="SCAN",
            help="cine, T1map, T2map, mapping (both of these), brain, brain-unseen-scanner, brain-unseen-lesion, "
            "topology-pictures, topology-volumes.",
        ),
    ] = "cine",
    single_coil: Annotated[bool, typer.Option("--single-coil", help="Combine the coils into one.")] = False,
    subjects: Annotated[int, typer.Option("--subjects", min=1, max=900, help="Phantom subjects.")] = 12,
    real: Annotated[
        int,
        typer.Option(
            "--real", min=0, max=90, help="Subjects made from real images (cine, brain; topology-pictures: 1)."
        ),
    ] = 0,
    free_breathing: Annotated[
        int, typer.Option("--free-breathing", min=0, max=90, help="Further phantoms that breathe (cine).")
    ] = 0,
    arrhythmia: Annotated[
        int, typer.Option("--arrhythmia", min=0, max=90, help="Further phantoms with a premature beat (cine).")
    ] = 0,
    size: Annotated[
        str | None, typer.Option("--size", metavar="NXxNYxCxSxF", help="Default 96x72x8x2x8, at most 512x246x10x12x12.")
    ] = None,
    set_name: _Set = "TestSet",
    public: _Public = False,
    if_missing: _IfMissing = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Only write the files here, send nothing.")
    ] = None,
) -> ExitCode:
    """Simulate scans in the layout of CMRxRecon 2023 and upload them as a dataset, with the stratum anatomy (phantom or real)
    and, where any move, motion. The same seed gives the same scans. Mapping has 9 or 3 frames whatever --size says. Brain
    scans are heads with lesions, each a NIfTI image in one of five modalities with its label map; 15 subjects are each lesion
    in each modality; strata are modality, lesion and anatomy. Topology is vessel trees, closed rings and cell borders, and with --real 1 pictures of a real retina,
    with the stratum shape. Temporary files go to TMPDIR."""
    from assay_kit.phantom import (  # noqa: PLC0415
        SHORTEST_SECRET,
        PhantomSet,
        parse_scan,
        parse_size,
        write_phantoms,
    )

    current = session(ctx)
    wanted = PhantomSet(
        set_name=set_name,
        subjects=subjects,
        real=real,
        size=parse_size(size),
        scan=parse_scan(scan),
        single_coil=single_coil,
        free_breathing=free_breathing,
        arrhythmia=arrhythmia,
    )
    if out is None and (name is None or version is None):
        raise WrongUsage("which dataset?", next="give --name and --version, or --out DIR to only write the files")
    seed = _seed(current, seed_file)
    if out is not None:
        paths = write_phantoms(root=out, seed=seed, wanted=wanted, told=current.out.say)
        if current.out.json:
            current.out.document({"folder": str(out), "files": len(paths)})
        else:
            current.out.line(str(out))
        return ExitCode.DONE
    if not public and len(seed) < SHORTEST_SECRET:
        raise WrongUsage(
            f"the seed of hidden data needs at least {SHORTEST_SECRET} characters, it has {len(seed)}",
            next="let the site derive one: manage.py dataset seed",
        )
    draft = _draft(current, name=str(name), version=int(version or 1), public=public, if_missing=if_missing)
    if draft is None:
        return ExitCode.DONE
    with TemporaryDirectory(prefix="assay-") as folder:
        write_phantoms(root=Path(folder), seed=seed, wanted=wanted, told=current.out.say)
        return _bring(
            current,
            layout=wanted.layout,
            root=Path(folder),
            set_name=set_name,
            draft=draft,
            public=public,
            strata_of=wanted.strata,
        )


def _task(current: Session, address: str) -> tuple[str, TaskSpec]:
    from assay_kit.fit import task_for  # noqa: PLC0415

    return address, task_for(client=current.signed_in, address=address)


def _seed(current: Session, seed_file: str) -> bytes:
    if seed_file == "-" and current.token_stdin:
        raise WrongUsage("both the token and the seed want stdin", next="set ASSAY_TOKEN, or name a seed file")
    try:
        text = sys.stdin.read() if seed_file == "-" else Path(seed_file).read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise WrongUsage(f"--seed-file {seed_file}: {error}") from error
    if not text.strip():
        raise WrongUsage("the seed is empty", next="put any text into the seed file")
    return text.strip().encode()


def _draft(current: Session, *, name: str, version: int, public: bool, if_missing: bool) -> DatasetOut | None:
    """The draft to fill, before anything is computed; None when --if-missing finds the version closed."""
    from assay_kit.upload import is_closed, open_draft  # noqa: PLC0415

    client = current.signed_in
    if if_missing and (there := is_closed(client=client, name=name, version=version)) is not None:
        current.out.say(f"{name}@{version} is there already")
        _told(current, there)
        return None
    return open_draft(client=client, name=name, version=version, hidden=not public)


def _bring(
    current: Session,
    *,
    layout: str,
    root: Path,
    set_name: str,
    draft: DatasetOut,
    public: bool,
    strata_of: StrataOf | None = None,
    only: Only | None = None,
    inputs_given_out: bool = False,
    wanted: tuple[str, TaskSpec] | None = None,
) -> ExitCode:
    """wanted: a task that the cases must fit, with its address."""
    from assay_kit.layouts import label_seed, read_layout  # noqa: PLC0415
    from assay_kit.upload import upload  # noqa: PLC0415

    key = None if public else draft.key
    with TemporaryDirectory(prefix="assay-") as staging:
        current.out.say("checking the files" if key is None else "checking the files and sealing the references")
        imported = read_layout(
            layout=layout,
            root=root,
            set_name=set_name,
            staging=Path(staging),
            key=key,
            seed=label_seed(key=key, dataset=f"{draft.name}@{draft.version}"),
            strata_of=strata_of,
            only=only,
            inputs_given_out=inputs_given_out,
        )
        if wanted is not None:
            from assay_kit.fit import check_fit  # noqa: PLC0415

            check_fit(imported.manifest, spec=wanted[1], address=wanted[0])
        done = upload(
            client=current.signed_in,
            out=current.out,
            name=draft.name,
            version=draft.version,
            manifest=imported.manifest,
            files=imported.files,
        )
        if public:
            from assay_kit.pictures import of_sample  # noqa: PLC0415

            send_pictures(current, done.name, done.version, of_sample(manifest=imported.manifest, files=imported.files))
    _told(current, done)
    return ExitCode.DONE


def _told(current: Session, done: DatasetOut) -> None:
    if current.out.json:
        # the key of a draft never reaches a terminal or a log
        current.out.document(done.model_dump(mode="json", exclude={"key"}))
    elif current.out.quiet:
        current.out.line(f"{done.name}@{done.version}")
    else:
        current.out.line(f"{done.name}@{done.version}  {done.state}  {done.cases} cases  {done.sha256 or ''}".rstrip())


def summarise(manifest: DatasetManifest) -> Mapping[str, int]:
    """How many cases, subjects and files a manifest names; masks that are equal are files of their own, as in the folder."""
    files = {(case.unit, ref.path) for case in manifest.cases for ref in (*case.inputs, *case.references)}
    return {"cases": len(manifest.cases), "units": len({case.unit for case in manifest.cases}), "files": len(files)}
