"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from assay.console import pages, views

_CONSOLE = "c/<slug:challenge>/console"

urlpatterns = [
    path(_CONSOLE, pages.console, name="console"),
    path(f"{_CONSOLE}.json", pages.console, name="console-json"),
    path(f"{_CONSOLE}/funnel.csv", pages.funnel, name="console-funnel"),
    path(f"{_CONSOLE}/challenge.yaml", pages.file, name="console-file"),
    path(f"{_CONSOLE}/audit", pages.audit, name="console-audit"),
    path(f"{_CONSOLE}/audit.json", pages.audit, name="console-audit-json"),
    path(f"{_CONSOLE}/rescore", views.begin_rescore, name="console-rescore-begin"),
    path(f"{_CONSOLE}/rescore/<int:number>", views.rescore, name="console-rescore"),
    path(f"{_CONSOLE}/rescore/<int:number>.json", views.rescore, name="console-rescore-json"),
    path(f"{_CONSOLE}/rescore/<int:number>/<str:verb>", views.change_rescore, name="console-rescore-change"),
]
