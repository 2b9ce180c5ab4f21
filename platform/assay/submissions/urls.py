"""Addresses of the pages of entering."""

from __future__ import annotations

from django.urls import path

from assay.submissions import card_views, views

_PHASE = "c/<slug:challenge>/<slug:task>/<slug:phase>"

urlpatterns = [
    path("submit", views.submit, name="submit"),
    path(_PHASE, views.phase, name="phase"),
    path(f"{_PHASE}.json", views.phase, name="phase-json"),
    path("s/<slug:code>/card", card_views.card, name="submission-card"),
    path("s/<slug:code>/cancel", views.cancel, name="submission-cancel"),
    path("s/<slug:code>/refund", views.refund, name="submission-refund"),
]
