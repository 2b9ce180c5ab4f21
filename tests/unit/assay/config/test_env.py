"""Settings from the environment: secrets that are never half-written, and defaults that are refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from assay.config.env import env_bool, env_int, env_list, env_secret

ROOT = Path(__file__).parents[4]
GOOD = "a secret of more than thirty-two characters"


def test_a_secret_comes_from_the_variable_then_the_named_file_then_the_fallback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "named").write_text(f"{GOOD} in a file\n")
    monkeypatch.setenv("X_SECRET", GOOD)
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "named"))

    assert env_secret("X_SECRET") == GOOD
    monkeypatch.delenv("X_SECRET")
    assert env_secret("X_SECRET") == f"{GOOD} in a file"
    monkeypatch.delenv("X_SECRET_FILE")
    made = env_secret("X_SECRET", fallback=tmp_path / "deep" / "made")
    assert len(made) == 64
    assert env_secret("X_SECRET", fallback=tmp_path / "deep" / "made") == made
    with pytest.raises(ImproperlyConfigured, match="X_SECRET is not set"):
        env_secret("X_SECRET")


def test_the_made_secret_is_readable_by_its_owner_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    env_secret("X_SECRET", fallback=tmp_path / "made")

    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]


def test_many_processes_at_their_first_start_agree_on_one_whole_secret(tmp_path: Path) -> None:
    """A process that is a moment later must never read an empty file."""
    program = (
        "import sys, time; from pathlib import Path; from assay.config.env import env_secret\n"
        "while not Path(sys.argv[2]).exists(): time.sleep(0.001)\n"
        "print(env_secret('X_SECRET', fallback=Path(sys.argv[1])))"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "made"), str(tmp_path / "start")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "platform")}
    processes = [subprocess.Popen(words, stdout=subprocess.PIPE, env=environment, text=True) for _ in range(8)]
    (tmp_path / "start").touch()

    told = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert told == {(tmp_path / "made").read_text()}
    assert len(told.pop()) == 64


def test_a_secret_appears_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever is seen under the name at the moment of the switch is complete."""
    seen: list[str] = []
    link = os.link

    def watched(source: str, target: Path) -> None:
        assert not target.exists()
        link(source, target)
        seen.append(target.read_text())

    monkeypatch.setattr(os, "link", watched)
    assert [env_secret("X_SECRET", fallback=tmp_path / "made")] == seen


def test_a_process_that_lost_the_race_takes_the_secret_of_the_winner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    link = os.link

    def beaten(source: str, target: Path) -> None:
        target.write_text(GOOD)
        link(source, target)

    monkeypatch.setattr(os, "link", beaten)
    assert env_secret("X_SECRET", fallback=tmp_path / "made") == GOOD
    assert list(tmp_path.iterdir()) == [tmp_path / "made"]


@pytest.mark.parametrize("secret", ["x", "changeme", "x" * 31])
def test_a_short_secret_is_refused(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("X_SECRET", secret)

    with pytest.raises(ImproperlyConfigured, match="openssl rand -hex 32"):
        env_secret("X_SECRET")


def test_an_empty_secret_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "empty"))

    with pytest.raises(ImproperlyConfigured, match="has 0 characters"):
        env_secret("X_SECRET")


@pytest.mark.parametrize(("text", "wanted"), [("true", True), ("FALSE", False), (None, True)])
def test_a_switch_is_true_or_false(monkeypatch: pytest.MonkeyPatch, text: str | None, wanted: bool) -> None:
    if text is not None:
        monkeypatch.setenv("X_SWITCH", text)
    assert env_bool("X_SWITCH", default=True) is wanted


@pytest.mark.parametrize("text", ["1", "yes", "", "ture"])
def test_a_switch_of_another_form_is_refused_instead_of_guessed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("X_SWITCH", text)
    with pytest.raises(ImproperlyConfigured, match="write true or false"):
        env_bool("X_SWITCH", default=False)


def test_numbers_and_lists_are_read_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " a, b,,c ")
    assert env_list("X", "") == ["a", "b", "c"]
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env_int("X", 1)
    assert env_int("Y", 1) == 1


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("ASSAY_SECRET_KEY", "short", "ASSAY_SECRET_KEY has 5 characters"),
        ("ASSAY_ALLOWED_HOSTS", "*", "ASSAY_ALLOWED_HOSTS is *"),
        ("ASSAY_DATABASE_URL", "mysql://x", "'mysql' is not served"),
        ("ASSAY_DEBUG", "1", "write true or false"),
    ],
)
def test_the_site_does_not_start_on_an_unsafe_or_unclear_setting(
    name: str, value: str, wanted: str, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "platform"), "ASSAY_VAR": str(tmp_path), name: value}
    started = subprocess.run(
        [sys.executable, "-c", "import assay.config.settings"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert started.returncode != 0
    assert wanted in started.stderr
