"""The base image: from a registry where one answers, else bootstrapped from the machine's own apt sources."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import selectors
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

from baselines.runtime.console import BuildFailed, output_of, say, succeeds
from baselines.runtime.engine import image_id, size_of, tag_latest

NAME = "assay/base"
REGISTRY_IMAGE = "python:3.11-slim-bookworm"
PACKAGES = "libstdc++6,python3"
#: seconds until a registry must have begun to answer
PATIENCE = 15


def base() -> str:
    """The tag of the base image, made when there is none yet. Raises BuildFailed."""
    pulled = hashlib.sha256(f"registry {REGISTRY_IMAGE}".encode()).hexdigest()
    made = hashlib.sha256(f"bootstrap {_codename()} {PACKAGES} {_CUSTOMIZE}".encode()).hexdigest()
    for content in (pulled, made):
        exact = f"{NAME}:{content[:12]}"
        if image_id(exact):
            say(f"{exact}  there already")
            return tag_latest(name=NAME, content=content)
    started = time.monotonic()
    if _pull():
        exact = f"{NAME}:{pulled[:12]}"
        output_of(["docker", "tag", REGISTRY_IMAGE, exact])
        tag_latest(name=NAME, content=pulled)
        say(f"{exact}  pulled in {time.monotonic() - started:.0f} s, {size_of(exact) / 1e6:.0f} MB")
        return exact
    exact = f"{NAME}:{made[:12]}"
    _bootstrap(tag=exact)
    tag_latest(name=NAME, content=made)
    say(f"{exact}  bootstrapped in {time.monotonic() - started:.0f} s, {size_of(exact) / 1e6:.0f} MB")
    return exact


@cache
def _pull() -> bool:
    """Whether the registry's image is here now. Asked once a run; a registry that does not begin to answer is given up."""
    if image_id(REGISTRY_IMAGE):
        return True
    command = ["docker", "pull", REGISTRY_IMAGE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None  # noqa: S101 - asked for with PIPE
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answers = bool(selector.select(PATIENCE)) and bool(process.stdout.read(1))
        if not answers:
            process.kill()
            say("no image registry answers: bootstrapping from this machine's apt sources")
            return False
        process.stdout.read()
    return process.returncode == 0


_CUSTOMIZE = 'rm -rf "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/apt/sources.list* "$1"/var/cache/* "$1"/var/log/*'


def _bootstrap(*, tag: str) -> None:
    """Debian or Ubuntu of the machine's own release, essential packages and Python. Mirror, proxy and keys never enter the image."""
    if not succeeds(["mmdebstrap", "--version"]):
        say("installing mmdebstrap")
        # the set-up may be installing its own packages at this moment
        var = Path(__file__).resolve().parents[2] / "var"
        var.mkdir(exist_ok=True)
        with (var / "apt.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            output_of([*_as_root(), "apt-get", "update", "-q"])
            output_of([*_as_root(), "apt-get", "install", "-y", "-q", "--no-install-recommends", "mmdebstrap"])
    with tempfile.TemporaryDirectory() as scratch:
        sources, options, rootfs = (Path(scratch) / name for name in ("sources.list", "options", "rootfs.tar"))
        sources.write_text(apt_sources(_codename()))
        options.write_text(_apt_options())
        docs = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"]
        command = [
            *_as_root(),
            "mmdebstrap",
            "--quiet",
            "--variant=essential",
            f"--include={PACKAGES}",
            f"--aptopt={options}",
            *(f"--dpkgopt=path-exclude={path}" for path in docs),
            f"--customize-hook={_CUSTOMIZE}",
            _codename(),
            str(rootfs),
            str(sources),
        ]
        output_of(command)
        labels = ["--change", "LABEL assay.base=bootstrap", "--change", "ENV PATH=/usr/local/bin:/usr/bin:/bin"]
        output_of(["docker", "import", *labels, str(rootfs), tag])


def apt_sources(codename: str) -> str:
    """The machine's own package sources for its own release, one `deb` line each. Raises BuildFailed."""
    form = "$(REPO_URI)|$(RELEASE)|$(CODENAME)|$(COMPONENT)|$(SIGNED_BY)"
    listed = output_of(["apt-get", "indextargets", "--format", form, "Created-By: Packages"])
    lines: list[str] = []
    for row in listed.splitlines():
        uri, release, suite, component, key = row.split("|")
        # a third party's repository seldom bears the release's name
        if not (release.startswith(codename) or suite.startswith(codename)):
            continue
        keyring = key if key.startswith("/") else _keyring()
        signed = f"[signed-by={keyring}] " if keyring else ""
        line = f"deb {signed}{uri} {release} {component}"
        if line not in lines:
            lines.append(line)
    if not lines:
        raise BuildFailed(
            f"no apt source of {codename} found: add Debian's or Ubuntu's own, or a registry with {REGISTRY_IMAGE}"
        )
    return "\n".join(lines) + "\n"


def _keyring() -> str:
    """The distribution's own keys, for an apt that does not tell which ones a source is signed by."""
    places = (
        f"/usr/share/keyrings/{name}-archive-keyring.{end}" for name in ("debian", "ubuntu") for end in ("gpg", "pgp")
    )
    return next((place for place in places if Path(place).exists()), "")


def _apt_options() -> str:
    """Proxies, certificates and time-outs of the machine's apt, as its own configuration states them."""
    kept = ("Acquire::http", "Acquire::https", "Acquire::Check-", "Acquire::Retries", "Acquire::ForceIPv")
    return "\n".join(line for line in output_of(["apt-config", "dump"]).splitlines() if line.startswith(kept)) + "\n"


def _codename() -> str:
    name = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    if not name:
        raise BuildFailed(f"not a Debian or Ubuntu release: an image registry with {REGISTRY_IMAGE} is needed")
    return name


def _as_root() -> list[str]:
    if os.geteuid() == 0:
        return []
    if succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    raise BuildFailed(
        "bootstrapping a base image needs root: run `sudo make images` once, or give access to an image registry"
    )
