"""Addresses of organisers' pages, and of the schema of challenge files."""

from __future__ import annotations

from django.urls import path

from assay.challenges import data_pages, pages, views
from assay.challenges.json_schema import SCHEMA_PATH

urlpatterns = [
    path(SCHEMA_PATH.removeprefix("/"), views.schema, name="challenge-schema"),
    path("organise", pages.organise, name="organise"),
    path("organise/new", pages.new, name="organise-new"),
    path("organise/file", pages.file, name="organise-file"),
    path("organise/data", data_pages.datasets, name="organise-data"),
    path("organise/data/<slug:name>/<int:version>", data_pages.dataset, name="organise-dataset"),
    path("organise/c/<slug:challenge>", pages.challenge, name="organise-challenge"),
    path("organise/c/<slug:challenge>/edit", pages.edit, name="organise-edit"),
    path("organise/c/<slug:challenge>/challenge.yaml", pages.download, name="organise-download"),
    path("organise/c/<slug:challenge>/clone", pages.clone, name="organise-clone"),
]
