"""Our images hold what they promise, sealed off as they are run, and are not built twice."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from baselines.runtime.build import ROOT, built_ids
from evaluators.worker.settings import scorer_image

pytestmark = pytest.mark.engine
SEALED = [
    "docker", "run", "--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
    "--tmpfs=/tmp:rw,exec,size=64m", "--env=HOME=/tmp", "--label=assay.test=images", "--entrypoint=python3",
]  # fmt: skip


def python(image: str, code: str) -> str:
    done = subprocess.run([*SEALED, image, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_second_build_builds_nothing() -> None:
    command = [
        sys.executable,
        str(ROOT / "baselines" / "runtime" / "build.py"),
        "--only",
        "base",
        "tools",
        "runtime-numeric",
    ]
    subprocess.run(command, check=True)
    before = built_ids()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.count("there already") == len(done.stderr.splitlines()) == 3
    assert built_ids() == before


def test_the_numeric_runtime_reads_and_writes_matlab_files() -> None:
    code = (
        "import h5py, io, numpy, scipy.io\n"
        "b = io.BytesIO(); scipy.io.savemat(b, {'x': numpy.eye(3)}); b.seek(0)\n"
        "h5py.File('/tmp/x.h5', 'w')['x'] = scipy.io.loadmat(b)['x']\n"
        "print(h5py.File('/tmp/x.h5')['x'][:].sum())"
    )
    assert python("assay/runtime-numeric:latest", code) == "3.0"


def test_the_torch_runtime_has_the_cpu_build_and_monai() -> None:
    code = (
        "import torch, monai.apps.reconstruction.networks.nets.varnet, safetensors.torch, scipy.ndimage, h5py\n"
        "y = torch.nn.functional.conv2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3)).sum()\n"
        "print(float(y), torch.fft.fft2(torch.ones(4, 4)).real.max().item(), torch.cuda.is_available())"
    )
    assert python("assay/runtime-torch:latest", code) == "324.0 16.0 False"


def test_the_scorer_loads_the_kernels_of_every_family_from_its_image_and_compiles_none() -> None:
    code = (
        "import sys\n"
        "from evaluators.scoring.kernel_cache import use_kernels\n"
        "use_kernels()\n"
        "from evaluators.scoring.warm import call_every_metric\n"
        "call_every_metric()\n"
        "found = {}\n"
        "for module in [m for name, m in sys.modules.items() if name.startswith(('evaluators.metrics.', 'evaluators.relaxometry.'))]:\n"
        "    family = module.__name__.replace('.metrics', '').split('.')[1]\n"
        "    for kernel in [k for k in vars(module).values() if hasattr(k, 'stats') and hasattr(k, 'signatures')]:\n"
        "        hits, misses = found.get(family, (0, 0))\n"
        "        stats = kernel.stats\n"
        "        found[family] = hits + sum(stats.cache_hits.values()), misses + sum(stats.cache_misses.values())\n"
        "print(all(misses == 0 for _, misses in found.values()), *sorted(f for f, (hits, _) in found.items() if hits))"
    )
    none_compiled, *families = python(scorer_image(), code).split()
    assert none_compiled == "True"
    assert {"image", "relaxometry", "topology"} <= set(families)


def test_the_scorer_holds_every_package_that_its_code_imports() -> None:
    code = (
        "import importlib, pkgutil, evaluators\n"
        "names = [m.name for m in pkgutil.walk_packages(evaluators.__path__, 'evaluators.') if '__main__' not in m.name]\n"
        "print(len([importlib.import_module(name) for name in names]) > 50)"
    )
    assert python(scorer_image(), code) == "True"


def test_the_scorer_image_names_its_version() -> None:
    found = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{json .Config.Labels}}", scorer_image()],
        capture_output=True,
        text=True,
        check=True,
    )
    catalogue = json.loads((ROOT / "evaluators" / "contract" / "catalogue.json").read_text())
    assert json.loads(found.stdout)["assay.scorer"] == catalogue["scorer"]


@pytest.mark.parametrize("image", ["assay/base", "assay/runtime-numeric", "assay/runtime-torch", "assay/scorer"])
def test_no_wheel_and_no_package_source_stays_in_an_image(image: str) -> None:
    code = (
        "import os\n"
        "found = [os.path.join(f, n) for f, _, names in os.walk('/') if not f.startswith(('/proc', '/sys'))"
        " for n in names if n.endswith('.whl') or n == 'sources.list' or n.endswith('.sources')]\n"
        "print(found)"
    )
    assert python(f"{image}:latest", code) == "[]"
