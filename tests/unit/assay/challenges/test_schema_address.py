"""The first line of a file leads an editor to the schema that the site serves."""

from __future__ import annotations

from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from django.conf import settings
from django.test import Client

from assay.challenges.clone import EDITOR_LINE, clone_file
from assay.challenges.marked_yaml import load
from tests.unit.assay.samples import CHALLENGE


@pytest.mark.django_db
def test_an_editor_follows_the_first_line_of_a_file_to_its_schema() -> None:
    text = clone_file(CHALLENGE, name="new", start=None, site=settings.SITE_URL)
    address = text.splitlines()[0].removeprefix(EDITOR_LINE)

    answer = Client().get(urlsplit(address).path)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    schema = answer.json()
    assert schema["$id"] == address
    assert jsonschema_rs.validator_for(schema).is_valid(load(text).data)
    assert not jsonschema_rs.validator_for(schema).is_valid(load(text.replace("ties:", "tise:")).data)
