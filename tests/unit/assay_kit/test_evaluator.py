"""Starting a worker by the same command."""

from __future__ import annotations

import subprocess

from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import TOKEN, Site


def test_without_the_extra_the_command_says_which_one_to_install(alice: Person, site: Site) -> None:
    command, environment = alice.process("evaluator", "--poll")
    # None in sys.modules is how Python itself says "not installed"
    code = (
        "import sys; sys.modules.update(structlog=None, celery=None);"
        "from assay_kit.main import execute; sys.exit(execute(['evaluator', '--poll']))"
    )
    done = subprocess.run([command[0], "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "  next: pip install 'assay-platform[evaluator]'"


def test_the_token_of_a_team_kept_by_login_is_not_used_for_a_worker(stranger: Person, site: Site) -> None:
    stranger.runs("login", site.address, "--token-stdin", stdin=TOKEN)

    ran = stranger.runs("evaluator", "--poll", "--once")

    assert ran.code == 4
    assert "worker's token" in ran.err
