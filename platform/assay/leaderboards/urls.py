"""Addresses of boards and of submissions."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from assay.leaderboards import card_views, chart_views, export_views, views


class SnapshotName(StringConverter):
    """A day and a number, such as 2026-10-01-1: any other word below a board is no address."""

    regex = r"\d{4}-\d{2}-\d{2}-\d{1,6}"


class Ending(StringConverter):
    """The name of a form that boards are exported in."""

    regex = "|".join(export_views.FORMS)


register_converter(SnapshotName, "snapshot")
register_converter(Ending, "export")
_BOARD = "c/<slug:challenge>/<slug:task>/<slug:phase>/board"

urlpatterns = [
    path(_BOARD, views.board, name="board"),
    path(f"{_BOARD}.json", views.board, name="board-json"),
    path(f"{_BOARD}/charts", chart_views.charts, name="board-charts"),
    path(f"{_BOARD}/charts.json", chart_views.charts, name="board-charts-json"),
    path(f"{_BOARD}/cards", card_views.cards, name="board-cards"),
    path(f"{_BOARD}/cards.json", card_views.cards, name="board-cards-json"),
    path(f"{_BOARD}/cards.csv", card_views.cards_as_csv, name="board-cards-csv"),
    path(f"{_BOARD}/cards.tex", card_views.cards_as_latex, name="board-cards-tex"),
    path(f"{_BOARD}.<export:ending>", export_views.export, name="board-export"),
    path(f"{_BOARD}/publish", views.publish, name="board-publish"),
    path(f"{_BOARD}/compare", views.comparison, name="board-compare"),
    path(f"{_BOARD}/compare.json", views.comparison, name="board-compare-json"),
    path(f"{_BOARD}/embed", views.embed, name="board-embed"),
    path(f"{_BOARD}/<snapshot:name>/embed", views.embed, name="board-snapshot-embed"),
    path(f"{_BOARD}/<snapshot:name>", views.snapshot, name="board-snapshot"),
    path(f"{_BOARD}/<snapshot:name>.json", views.snapshot, name="board-snapshot-json"),
    path(f"{_BOARD}/<snapshot:name>.<export:ending>", export_views.export, name="board-snapshot-export"),
    path("s/<slug:code>", views.submission, name="submission"),
    path("s/<slug:code>.json", views.submission, name="submission-json"),
    path("s/<slug:code>/live", views.submission_live, name="submission-live"),
]
