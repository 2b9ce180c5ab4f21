"""What the test containers do: one function a behaviour, chosen by the first argument. Standard library only."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

OUTPUT = Path("/output")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def good() -> None:
    for name in ("a.bin", "deep/er/b.bin"):
        path = OUTPUT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 1000)
    (OUTPUT / "extra.log").write_text("not asked for")


def exits_3() -> None:
    good()
    say("about to fail")
    sys.exit(3)


def writes_nothing() -> None:
    pass


def never_ends() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    good()
    while True:
        time.sleep(60)


def writes_one_by_one() -> None:
    for name in ("a.bin", "b.bin", "c.bin"):
        (OUTPUT / name).write_bytes(b"x")
        time.sleep(1.5)


def eats_memory() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(os.urandom(2**20)) * 8)


def child_eats_memory() -> None:
    subprocess.run([sys.executable, __file__, "eats_memory"], check=False)
    good()
    time.sleep(1)


def fills_bytes() -> None:
    good()
    with (OUTPUT / "big").open("wb") as file:
        while True:
            file.write(bytes(2**20))


def fills_bytes_and_hides_it() -> None:
    try:
        fills_bytes()
    except OSError:
        time.sleep(3)
        (OUTPUT / "big").unlink()


def fills_inodes() -> None:
    good()
    for number in range(10**6):
        (OUTPUT / f"{number}").touch()


def looks_for_network() -> None:
    names = [name for _, name in socket.if_nameindex()]
    errors = []
    for address in (("192.0.2.1", 80), ("172.17.0.1", 2375)):
        try:
            socket.create_connection(address, timeout=3)
        except OSError as error:
            errors.append(error.errno)
    (OUTPUT / "report.json").write_text(json.dumps({"interfaces": names, "errors": errors}))


def looks_for_references() -> None:
    wanted = os.environ.get("WANTED", "reference")
    found, read = [], 0
    for folder, folders, names in os.walk("/"):
        if folder == "/":
            folders[:] = [name for name in folders if name not in {"proc", "sys"}]
        read += len(names)
        found += [f"{folder}/{name}" for name in names if wanted in name]
    mounts = Path("/proc/self/mounts").read_text()
    (OUTPUT / "report.json").write_text(json.dumps({"found": found, "read": read, "mounts": mounts}))


def writes_everywhere() -> None:
    refused = []
    for folder in ("/", "/etc", "/usr", "/root", "/input", "/opt", "/sys/fs/cgroup"):
        try:
            (Path(folder) / "mark").write_text("x")
        except OSError:
            refused.append(folder)
    (OUTPUT / "report.json").write_text(json.dumps(refused))


def hostile_files() -> None:
    (OUTPUT / "real").write_bytes(b"real")
    (OUTPUT / "link").symlink_to("real")
    (OUTPUT / "secret").symlink_to("/etc/shadow")
    (OUTPUT / "twin").write_bytes(b"twin")
    os.link(OUTPUT / "twin", OUTPUT / "other-twin")
    os.mkfifo(OUTPUT / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("/output/socket")
    (OUTPUT / "folder").mkdir()
    (OUTPUT / "way").symlink_to("/etc")
    with (OUTPUT / "sparse").open("wb") as file:
        file.truncate(2**40)
    private = OUTPUT / "private"
    private.mkdir()
    (private / "file").write_bytes(b"private")
    (private / "file").chmod(0)
    private.chmod(0)
    deep = OUTPUT
    for _ in range(60):
        deep = deep / "d"
        deep.mkdir()


def writes_to_its_volume() -> None:
    try:
        with Path("/scratch/big").open("wb") as file:
            for _ in range(500):
                file.write(bytes(2**20))
        ended = "wrote 500 MiB"
    except OSError as error:
        ended = os.strerror(error.errno or 0)
    (OUTPUT / "report.json").write_text(json.dumps(ended))


def writes_large() -> None:
    with (OUTPUT / "a.bin").open("wb") as file:
        file.truncate(100)
    (OUTPUT / "report.json").write_text(json.dumps(os.statvfs(OUTPUT).f_bavail * os.statvfs(OUTPUT).f_frsize))
    (OUTPUT / "listing.json").write_text(json.dumps(sorted(entry.name for entry in OUTPUT.iterdir())))


def answers_once_and_closes_stdout() -> None:
    sys.stdin.readline()
    say("1")
    os.dup2(2, 1)
    time.sleep(600)


def answers_late_by_another_descriptor() -> None:
    kept = os.dup(1)
    os.dup2(2, 1)
    sys.stdin.readline()
    time.sleep(3)
    os.write(kept, b"1\n")
    time.sleep(600)


def scores() -> None:
    job = json.loads(sys.stdin.readline())
    for name in job["read"]:
        say(json.dumps({"text": Path(name).read_text()}))
    if job["then"] == "hang":
        time.sleep(600)
    if job["then"] == "eat":
        eats_memory()
    if job["then"] == "long":
        say("x" * 3 * 2**20)
    sys.stderr.write("a word on stderr\n")
    sys.exit(int(job.get("code", 0)))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
