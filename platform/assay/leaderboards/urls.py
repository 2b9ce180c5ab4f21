"""Addresses of boards and of submissions."""

from __future__ import annotations

from django.urls import path

from assay.leaderboards import views

_BOARD = "c/<slug:challenge>/<slug:task>/<slug:phase>/board"

urlpatterns = [
    path(_BOARD, views.board, name="board"),
    path(f"{_BOARD}.json", views.board, name="board-json"),
    path(f"{_BOARD}.csv", views.board_csv, name="board-csv"),
    path("s/<slug:code>", views.submission, name="submission"),
    path("s/<slug:code>.json", views.submission, name="submission-json"),
    path("s/<slug:code>/live", views.submission_live, name="submission-live"),
]
