"""The submitted container of these tests: standard library alone, one behaviour a name.

Runs inside the image as /app/container.py BEHAVIOUR; the shape of an output comes from the image's SHAPE variable.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

INPUT, OUTPUT = Path("/input"), Path("/output")
CASES = 6
SHAPE = tuple(int(part) for part in os.environ["SHAPE"].split(","))


def cases() -> list[Path]:
    return sorted(path for path in INPUT.rglob("cine_*.mat") if not path.stem.endswith("_mask"))


def element(kind: int, payload: bytes) -> bytes:
    return struct.pack("<II", kind, len(payload)) + payload + b"\0" * (-len(payload) % 8)


def mat5(values: list[float], shape: tuple[int, ...], name: str = "img4ranking") -> bytes:
    """A MATLAB 5 file with one single-precision array in column order."""
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    body = (
        element(6, struct.pack("<II", 7, 0))  # class: single
        + element(5, struct.pack(f"<{len(shape)}i", *shape))
        + element(1, name.encode())
        + element(7, struct.pack(f"<{len(values)}f", *values))
    )
    return header + element(14, body)


def picture(shape: tuple[int, ...]) -> list[float]:
    count = 1
    for length in shape:
        count *= length
    # A flat picture: every local SSIM is small and above zero whatever the dataset's seed drew, so that a missing case,
    # which counts 0, is always worse. (A textured one may correlate negatively and tie with missing.)
    return [1.0] * count


def write(case: Path, content: bytes) -> None:
    target = OUTPUT / case.relative_to(INPUT)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def good(some: list[Path]) -> None:
    for case in some:
        write(case, mat5(picture(SHAPE), SHAPE))


def only_loopback() -> bool:
    names = [name for _, name in socket.if_nameindex()]
    routes = Path("/proc/net/route").read_text().splitlines()[1:]
    try:
        socket.getaddrinfo("assay.invalid", 80)
    except OSError:
        return names == ["lo"] and not routes
    return False


def sees_references() -> bool:
    """Anything on any file system that is a NumPy file, is called a reference, or comes from a host folder but /input."""
    mounts = {line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()}
    if any("reference" in mount or "outputs" in mount for mount in mounts):
        return True
    for folder, _, files in os.walk("/", onerror=lambda _: None):
        if folder.startswith(("/proc", "/sys", "/usr", "/lib")):
            continue
        for name in files:
            if name.endswith(".npy") or "reference" in name.lower():
                return True
    return False


def answer(number: int) -> None:
    sys.stdout.write(json.dumps({"done": number}) + "\n")
    sys.stdout.flush()


def misbehave(behaviour: str, question: dict[str, Any]) -> None:
    """What is done before a case is answered as it should be."""
    # what lies in /output tells a second container from the first
    written = len(list(OUTPUT.rglob("*.mat")))
    seen = {str(path.relative_to(INPUT)) for path in INPUT.rglob("*") if path.is_file()}
    match behaviour, question["case"]:
        case "asked-slow-start", 1:
            time.sleep(8)
        case "asked-slow-start", 3:
            time.sleep(3)
        case "asked-hangs", 3 if written == 2:
            time.sleep(3600)
        case "asked-dies", 3 if written == 2:
            write(INPUT / question["inputs"][0], b"half a file")
            sys.exit(7)
        case "asked-eats-memory", 3 if written == 2:
            hoard = [bytearray(b"x") * (1 << 26) for _ in range(64)]
            sys.exit(len(hoard) % 2)
        case "asked-peeks", _ if seen != set(question["inputs"]):
            sys.exit(9)
        case "asked-prints", 2:
            sys.stdout.write("a progress bar\n")
        case "asked-answers-ahead", 2:
            answer(3)
        case "asked-closes-stdout", _:
            os.dup2(2, 1)
            time.sleep(3600)
        case "asked-ends-at-once", _:
            sys.exit(0)


def asked(behaviour: str) -> int:
    """One case at a time."""
    for line in sys.stdin:
        question = json.loads(line)
        number, case = question["case"], INPUT / question["inputs"][0]
        misbehave(behaviour, question)
        if behaviour == "asked-writes-later" and number == CASES:
            answer(number)
            time.sleep(2)
        if behaviour == "asked-answers-first" and number > 1:
            answer(number)
            time.sleep(0.1)
            good([case])
            continue
        if behaviour != "asked-half" or number % 2 == 0:
            good([case])
        answer(number)
    return 0


def main(behaviour: str) -> int:  # noqa: PLR0912 -- one arm a behaviour
    match behaviour:
        case _ if behaviour.startswith("asked"):
            asked(behaviour)
        case "good":
            good(cases())
        case "exits-3":
            good(cases())
            return 3
        case "writes-nothing":
            pass
        case "one-file-missing":
            good(cases()[1:])
        case "wrong-shape":
            good(cases()[1:])
            write(cases()[0], mat5(picture((*SHAPE[:-1], SHAPE[-1] + 1)), (*SHAPE[:-1], SHAPE[-1] + 1)))
        case "nan":
            good(cases()[1:])
            write(cases()[0], mat5([float("nan"), *picture(SHAPE)[1:]], SHAPE))
        case "text-named-mat":
            good(cases()[1:])
            write(cases()[0], b"these are not the images you are looking for\n" * 10)
        case "runs-too-long":
            good(cases())
            time.sleep(3600)
        case "slow":
            good(cases()[:2])
            time.sleep(6)
            good(cases()[2:])
        case "eats-memory":
            hoard = [bytearray(os.urandom(1 << 20)) for _ in range(4096)]
            return len(hoard) % 2
        case "fills-bytes":
            good(cases())
            with (OUTPUT / "filler").open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * (1 << 20))
        case "fills-inodes":
            good(cases())
            for number in range(10**6):
                (OUTPUT / f"{number}").touch()
        case "looks-for-a-network":
            if not only_loopback():
                return 9
            good(cases())
        case "looks-for-references":
            if sees_references():
                return 9
            good(cases())
        case _:
            sys.stderr.write("I do not know what to do\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
