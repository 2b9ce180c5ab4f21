"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from assay.console import desk, pages, public, views

_CONSOLE = "c/<slug:challenge>/console"

urlpatterns = [
    path("c/<slug:challenge>/news", public.news, name="news"),
    path("c/<slug:challenge>/news.json", public.news, name="news-json"),
    path("c/<slug:challenge>/news.atom", public.feed, name="news-feed"),
    path("c/<slug:challenge>/pages/<slug:kind>", public.challenge_page, name="challenge-page"),
    path("c/<slug:challenge>/pages/<slug:kind>.json", public.challenge_page, name="challenge-page-json"),
    path(f"{_CONSOLE}/news", desk.write_news, name="console-news"),
    path(f"{_CONSOLE}/news/<int:number>/retract", desk.retract_news, name="console-news-retract"),
    path(f"{_CONSOLE}/pages/<slug:kind>", desk.write_page, name="console-page"),
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
