"""Signing in: where the token comes from, where it is kept, and to whom it is sent."""

from __future__ import annotations

import json
import stat

from tests.unit.assay_kit.conftest import Person
from tests.unit.assay_kit.site import TOKEN, Server, Site


def test_a_token_from_stdin_is_tried_and_kept_in_a_file_that_only_its_owner_reads(stranger: Person, site: Site) -> None:
    ran = stranger.types("login", site.address, "--token-stdin", stdin=f"{TOKEN}\n")

    assert ran.code == 0
    assert ran.out.startswith(f"Signed in at {site.address} as alice, team leeds")
    assert TOKEN not in ran.out + ran.err
    kept = [path for path in stranger.home.rglob("*") if path.is_file() and TOKEN in path.read_text()]
    assert [str(path.relative_to(stranger.home)) for path in kept] == [".config/assay/credentials.json"]
    assert stat.S_IMODE(kept[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(kept[0].parent.stat().st_mode) == 0o700


def test_after_login_neither_site_nor_token_need_be_named(stranger: Person, site: Site) -> None:
    stranger.runs("login", site.address, "--token-stdin", stdin=TOKEN)

    ran = stranger.runs("whoami")

    assert ran.code == 0
    assert ran.out == f"alice at {site.address}, team leeds, token 'laptop' (submit)\n"


def test_the_file_goes_where_xdg_says(stranger: Person, site: Site) -> None:
    stranger.environment["XDG_CONFIG_HOME"] = str(stranger.work / "xdg")
    stranger.runs("login", site.address, "--token-stdin", stdin=TOKEN)

    assert (stranger.work / "xdg" / "assay" / "credentials.json").is_file()
    assert not (stranger.home / ".config").exists()


def test_a_wrong_token_is_not_kept(stranger: Person, site: Site) -> None:
    ran = stranger.runs("login", site.address, "--token-stdin", stdin="wrong")

    assert ran.code == 4
    assert ran.err.splitlines() == [
        "error[TOKEN]: this token is not known here",
        "  next: assay login",
        f"  more: {site.address}/help/TOKEN",
    ]
    assert not (stranger.home / ".config").exists()


def test_a_token_of_one_site_is_never_sent_to_another(stranger: Person, site: Site) -> None:
    stranger.runs("login", site.address, "--token-stdin", stdin=TOKEN)
    other = Server(Site())
    try:
        ran = stranger.runs("whoami", "--site", other.site.address)
        stranger.runs("phases", "--site", other.site.address)
    finally:
        other.stop()

    assert ran.code == 4
    assert f"next: assay login {other.site.address}" in ran.err
    assert other.site.tokens_seen == set()


def test_the_environment_goes_before_the_file(stranger: Person, site: Site) -> None:
    stranger.runs("login", site.address, "--token-stdin", stdin=TOKEN)
    stranger.environment["ASSAY_TOKEN"] = "another"

    assert stranger.runs("whoami").code == 4


def test_logout_forgets_the_token(stranger: Person, site: Site) -> None:
    stranger.runs("login", site.address, "--token-stdin", stdin=TOKEN)

    assert stranger.runs("logout").code == 0
    assert stranger.runs("whoami").code == 4
    assert TOKEN not in (stranger.home / ".config/assay/credentials.json").read_text()


def test_login_never_hangs_where_nobody_can_type(stranger: Person, site: Site) -> None:
    ran = stranger.types("login", site.address)

    assert ran.code == 2
    assert "--token-stdin" in ran.err


def test_without_a_site_the_command_says_how_to_name_one(stranger: Person) -> None:
    ran = stranger.runs("phases")

    assert ran.code == 2
    assert "ASSAY_SITE" in ran.err


def test_flag_environment_project_and_user_file_are_asked_in_this_order(stranger: Person, site: Site) -> None:
    home = stranger.home / ".config" / "assay"
    home.mkdir(parents=True)
    layers = ["--site", "environment", "project", "user"]
    (home / "config.toml").write_text('site = "http://user.invalid"\n')
    seen = []
    for missing in range(len(layers), 0, -1):
        if missing == 3:
            (stranger.work / "assay.toml").write_text('site = "http://project.invalid"\n')
        if missing == 2:
            stranger.environment["ASSAY_SITE"] = "http://environment.invalid"
        flag = ["--site", "http://flag.invalid"] if missing == 1 else []
        seen.append(stranger.runs("whoami", *flag).err.split("not signed in at http://")[1].split(".invalid")[0])

    assert seen == ["user", "project", "environment", "flag"]


def test_a_token_in_the_project_file_is_refused(stranger: Person) -> None:
    (stranger.work / "assay.toml").write_text('token = "secret"\n')

    ran = stranger.runs("phases")

    assert ran.code == 2
    assert "assay login" in ran.err


def test_a_broken_settings_file_is_named_with_its_line(stranger: Person) -> None:
    (stranger.work / "assay.toml").write_text("site = \n")

    ran = stranger.runs("phases")

    assert ran.code == 2
    assert "assay.toml" in ran.err
    assert "line 1" in ran.err


def test_a_site_over_plain_http_is_warned_about(stranger: Person) -> None:
    ran = stranger.runs("login", "http://assay.invalid", "--token-stdin", stdin=TOKEN)

    assert "warning: http://assay.invalid is not encrypted" in ran.err
    assert ran.code == 7


def test_whoami_as_json_is_one_document(alice: Person, site: Site) -> None:
    told = json.loads(alice.runs("whoami", "--json").out)

    assert told == {"site": site.address, "name": "alice", "teams": ["leeds"], "token": "laptop", "scopes": ["submit"]}
