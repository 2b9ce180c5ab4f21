"""A site in trouble: what is tried again, what is not, and which exit code remains."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from assay_kit.client import Client
from assay_kit.errors import SiteTrouble
from evaluators.contract.api import SubmissionIn
from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import API, Site


@pytest.mark.parametrize("statuses", [[502], [503, 504], [0, 0, 503]])
def test_a_passing_trouble_is_not_noticed(alice: Person, site: Site, statuses: list[int]) -> None:
    site.trouble[rf"GET {API}/me"] = statuses

    assert alice.runs("whoami").code == 0


def test_a_lasting_trouble_ends_with_exit_code_7_after_four_tries(alice: Person, site: Site) -> None:
    site.trouble[rf"GET {API}/me"] = [503] * 9

    ran = alice.runs("whoami", "--json")

    assert ran.code == 7
    assert json.loads(ran.out)["error"] == "HTTP_503"
    assert site.calls[f"GET {API}/me"] == 4


def test_a_plain_error_of_the_site_is_not_asked_for_again(alice: Person, site: Site) -> None:
    site.trouble[rf"GET {API}/me"] = [500]

    assert alice.runs("whoami").code == 7
    assert site.calls[f"GET {API}/me"] == 1


def test_a_submission_that_must_be_evaluated_again_is_never_sent_twice(alice: Person, site: Site) -> None:
    site.trouble[rf"POST {API}/submissions"] = [0]
    entry = SubmissionIn(team="leeds", phase="demo/mapping/test", config_digest="0" * 64, method="m", again=True)

    with Client(site=site.address, token="x") as client, pytest.raises(SiteTrouble):
        client.submit(entry)

    assert site.calls[f"POST {API}/submissions"] == 1


def test_nobody_at_the_address_is_exit_code_7(alice: Person) -> None:
    alice.environment["ASSAY_SITE"] = "http://127.0.0.1:1"

    ran = alice.runs("phases")

    assert ran.code == 7
    assert ran.err.startswith("error[UNREACHABLE]: http://127.0.0.1:1 cannot be reached")


@pytest.fixture
def silent_site() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_timeout_ends_the_waiting_for_a_silent_site_with_exit_code_124(stranger: Person, silent_site: str) -> None:
    ran = stranger.types("phases", "--site", silent_site, "--timeout", "0.5")

    assert ran.code == 124
    assert ran.err.startswith("error[TIMED_OUT]: waited 0.5 s for")


def test_another_kind_of_site_is_told_from_ours(alice: Person, site: Site) -> None:
    site.trouble[rf"GET {API}/phases"] = [200]

    ran = alice.runs("phases")

    assert ran.code == 7
    assert "is this the address of an Assay site" in ran.err


def test_verbose_says_what_was_asked_on_stderr(alice: Person, site: Site) -> None:
    ran = alice.runs("-v", "whoami", "-q")

    assert ran.out == "alice\n"
    assert f"GET {API}/me -> 200" in ran.err
