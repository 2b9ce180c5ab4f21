"""Runs a command with ASSAY_DATABASE_URL on a PostgreSQL of its own: temporary folder, Unix socket only, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


def _binary(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        sys.exit(f"error: PostgreSQL's {name} is not installed; run compose/setup.sh --with-test-services")
    return str(found[-1])


@contextmanager
def temporary_postgres() -> Iterator[str]:
    """The URL of a fresh database. PostgreSQL refuses to run as root, so root lends it to the user `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    user = "postgres" if as_user else pwd.getpwuid(os.getuid()).pw_name
    if as_user:
        shutil.chown(folder, user)

    def run(*words: str) -> None:
        subprocess.run([*as_user, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    data = folder / "data"
    try:
        run(_binary("initdb"), "-D", str(data), "-U", user, "--auth=trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=60"
        run(_binary("pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            run(_binary("createdb"), "-h", str(folder), "-U", user, "assay")
            yield f"postgresql://{user}@{quote(str(folder), safe='')}/assay"
        finally:
            run(_binary("pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """`python -m compose.on_postgres COMMAND ...`: the command's exit code."""
    with temporary_postgres() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "ASSAY_DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
