"""Our images hold what they promise, sealed off as they are run, and are not built twice."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from baselines.runtime.build import ROOT, built_ids

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


def test_the_scorer_uses_the_kernels_of_its_image_and_names_its_version() -> None:
    code = (
        "import os\n"
        "from evaluators.scoring.kernel_cache import use_kernels\n"
        "use_kernels()\n"
        "import numpy\n"
        "from evaluators.metrics import METRICS\n"
        "from evaluators.metrics.image import ssim_kernel\n"
        "x = numpy.linspace(0, 1, 256, dtype=numpy.float32).reshape(16, 16, 1, 1)\n"
        "METRICS['ssim'].function(x, x)\n"
        "stats = [f.stats for f in vars(ssim_kernel).values() if hasattr(f, 'stats') and hasattr(f, 'signatures')]\n"
        "print(sum(sum(s.cache_hits.values()) for s in stats) > 0, sum(sum(s.cache_misses.values()) for s in stats))"
    )
    assert python("assay/scorer:latest", code) == "True 0"
    found = subprocess.run(
        ["docker", "image", "inspect", "--format", "{{json .Config.Labels}}", "assay/scorer:latest"],
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
