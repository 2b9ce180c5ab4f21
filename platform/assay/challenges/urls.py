"""Addresses of what organisers need besides pages."""

from __future__ import annotations

from django.urls import path

from assay.challenges import views
from assay.challenges.json_schema import SCHEMA_PATH

urlpatterns = [path(SCHEMA_PATH.removeprefix("/"), views.schema, name="challenge-schema")]
