"""Addresses of dry runs."""

from __future__ import annotations

from django.urls import path

from assay.dryruns import views

_PAGE = "organise/<slug:challenge>/dry-run/<slug:task>/<slug:phase>"

urlpatterns = [
    path(_PAGE, views.dry_run, name="dry-run"),
    path(f"{_PAGE}.json", views.dry_run, name="dry-run-json"),
]
