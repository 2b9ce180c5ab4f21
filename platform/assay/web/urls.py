"""Addresses of the pages that span apps."""

from __future__ import annotations

from django.urls import path

from assay.web import views

urlpatterns = [
    path("", views.front, name="front"),
    path("boards", views.boards, name="boards"),
    path("boards.json", views.boards, name="boards-json"),
    path("c/<slug:challenge>", views.challenge, name="challenge"),
    path("c/<slug:challenge>.json", views.challenge, name="challenge-json"),
    path("c/<slug:challenge>/<slug:task>", views.task, name="task"),
    path("c/<slug:challenge>/<slug:task>.json", views.task, name="task-json"),
    path("c/<slug:challenge>/<slug:task>/<slug:phase>/sample", views.sample, name="sample"),
    path("c/<slug:challenge>/<slug:task>/<slug:phase>/sample.json", views.sample, name="sample-json"),
    path("status", views.status, name="status"),
    path("status.json", views.status, name="status-json"),
    path("healthz", views.healthz, name="healthz"),
    path("help", views.help_index, name="help"),
    path("help/<str:code>", views.help_code, name="help-code"),
    path("theme", views.choose_theme, name="theme"),
]
