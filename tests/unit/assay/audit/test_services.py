"""What the audit record keeps."""

from __future__ import annotations

import pytest
from django.db.models import ProtectedError

from assay.accounts.models import Team, User
from assay.audit.models import Entry
from assay.audit.services import record
from tests.unit.assay.conftest import NOW


def test_a_deed_is_written_with_who_what_on_what_and_when(captain: User, team: Team) -> None:
    entry = record(tag="team:submission:create", target=team, actor=captain, at=NOW, detail={"phase": "a/b/c"})

    entry.refresh_from_db()
    assert (entry.actor, entry.target, entry.at, entry.detail) == (captain, "team:Tigers", NOW, {"phase": "a/b/c"})


def test_a_deed_of_a_machine_names_the_agent(db: None) -> None:
    assert (
        record(tag="worker:evaluation:finish", target="evaluation:1", agent="worker:gpu-3", at=NOW).agent
        == "worker:gpu-3"
    )


def test_a_deed_that_nobody_did_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="somebody did it"):
        record(tag="team:submission:create", target="x", at=NOW)


@pytest.mark.parametrize("tag", ["", "create", "Team:Submission:Create", "team:submission:create:again", "team: x"])
def test_a_tag_of_another_form_is_refused(db: None, tag: str) -> None:
    with pytest.raises(ValueError, match="audit tag"):
        record(tag=tag, target="x", agent="system", at=NOW)


def test_a_long_target_is_cut_instead_of_failing_the_deed(db: None) -> None:
    assert len(record(tag="a:b:c", target="x" * 500, agent="system", at=NOW).target) == 120


def test_a_person_who_stands_in_the_record_cannot_be_deleted(captain: User, team: Team) -> None:
    with pytest.raises(ProtectedError):
        captain.delete()
    assert Entry.objects.filter(actor=captain).exists()
