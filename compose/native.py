"""The whole site on one machine without containers of its own: web, site worker with beat, one evaluator."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
#: the evaluator's name on the site's worker page
EVALUATOR = "local"


class StackError(RuntimeError):
    """A part did not come up; the message names its log."""


@dataclass(kw_only=True)
class Stack:
    """Starts the parts, watches their memory, and stops exactly what it started."""

    var: Path = ROOT / "var" / "site"
    work_root: Path = ROOT / "var" / "evaluator"
    port: int = 8000
    hardware: str = "cpu"
    environment: dict[str, str] = field(default_factory=dict)
    peak_memory: int = field(default=0, init=False)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, init=False)
    _over: threading.Event = field(default_factory=threading.Event, init=False)

    @property
    def url(self) -> str:
        """Where the site answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def broker(self) -> str:
        """The queue: a SQLite file, since this machine has no broker."""
        return f"sqla+sqlite:///{self.var / 'queue.sqlite3'}"

    def __enter__(self) -> Self:
        for folder in (self.var, self.work_root, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._watch_memory, name="memory", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self.stop()

    @property
    def logs(self) -> Path:
        """One log a part."""
        return self.var.parent / "log"

    def env(self) -> dict[str, str]:
        """The environment of every part."""
        return {
            **os.environ,
            "ASSAY_VAR": str(self.var),
            "ASSAY_SITE_URL": self.url,
            "ASSAY_BROKER_URL": self.broker,
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("", "platform", "submissions")),
            **self.environment,
        }

    def manage(self, *words: str, stdin: str = "") -> str:
        """Run a management command; its stdout. Raises StackError with the end of its stderr."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *words],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.env(),
            cwd=ROOT,
            check=False,
        )
        if done.returncode != 0:
            raise StackError(f"manage.py {' '.join(words)} failed:\n{done.stderr[-2000:]}")
        return done.stdout.strip()

    def prepare(self) -> None:
        """Tables and static files, brought up to date."""
        self.manage("migrate", "--noinput", "-v0")
        # maps and module builds of the browser libraries are most of their bytes and never asked for
        unused = ("*.map", "echarts.*esm*", "*.rtl.*", "index.js", "index.min.js", "*.d.ts", "metafile-*")
        self.manage("collectstatic", "--noinput", "-v0", *(word for glob in unused for word in ("-i", glob)))

    def start_site(self) -> None:
        """Web and site worker; returns when the site answers. Raises StackError."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise StackError(f"port {self.port} is taken; stop what uses it, or set PORT") from error
        self._start(
            "web",
            [
                str(BIN / "gunicorn"),
                "assay.config.wsgi:application",
                f"--bind=127.0.0.1:{self.port}",
                "--worker-class=gthread",
                "--workers=1",
                "--threads=32",
                # an upload may take as long as it takes
                "--timeout=3600",
                "--graceful-timeout=5",
                # it would lie in the home folder, shared by every site of this user
                "--no-control-socket",
                f"--access-logfile={self.logs / 'access.log'}",
            ],
        )
        self._start(
            "site-worker",
            [
                *(str(BIN / "celery"), "-A", "assay.config.celery", "worker", "--beat"),
                *("--schedule", str(self.var / "beat"), "--pool=threads", "--concurrency=2", "-Q", "site"),
                *("--loglevel=WARNING", "--without-gossip", "--without-mingle", "-n", "site@assay"),
            ],
        )
        for _ in range(300):
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/healthz", trust_env=False, timeout=5).is_success:
                    return
            self.check_alive()
            time.sleep(0.1)
        raise StackError(f"the site does not answer; see {self.logs / 'web.log'}")

    def start_evaluator(self, *, broker: str | None = "") -> None:
        """One evaluator of this machine, with a fresh token. broker: the stack's own; None polls."""
        listen = ["--poll"] if broker is None else ["--broker", broker or self.broker]
        token = self.manage("worker_token", EVALUATOR, "--hardware", self.hardware)
        self._start(
            "evaluator",
            [
                *(str(BIN / "assay"), "--site", self.url, "evaluator", "--name", EVALUATOR),
                *("--hardware", self.hardware, "--work-root", str(self.work_root), *listen),
            ],
            ASSAY_TOKEN=token,
        )

    def wait(self) -> None:
        """Until a part ends by itself. Raises StackError then."""
        while True:
            self.check_alive()
            time.sleep(1)

    def stop(self) -> None:
        """End what was started, last first: politely, then surely."""
        for name in reversed(list(self.processes)):
            self.stop_part(name)

    def stop_part(self, name: str) -> None:
        """End one part: politely, then surely with its children."""
        process = self.processes.pop(name)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(15)
                return
            # a process group of its own: its children end with it
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, name: str, argv: list[str], **extra: str) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                argv,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env={**self.env(), **extra},
                cwd=ROOT,
                start_new_session=True,
            )

    def check_alive(self) -> None:
        """Raises StackError, with the end of its log, when a part has ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                tail = (self.logs / f"{name}.log").read_text(errors="replace")[-1500:]
                raise StackError(f"{name} ended with code {process.returncode}:\n{tail}")

    def _watch_memory(self) -> None:
        """Peak of the resident memory of every part together; pages that parts share count once in each."""
        while not self._over.wait(0.5):
            total = 0
            for process in list(self.processes.values()):
                with suppress(psutil.Error):
                    family = psutil.Process(process.pid)
                    for member in (family, *family.children(recursive=True)):
                        with suppress(psutil.Error):
                            total += member.memory_info().rss
            self.peak_memory = max(self.peak_memory, total)
