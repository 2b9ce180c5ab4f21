"""Every address of the site. A page lives in the highest app that it reads from.

Pages, by name (no trailing slash; `.json` twins):
    front /  ·  boards /boards  ·  submit /submit  ·  status /status  ·  healthz /healthz
    challenge /c/<challenge>  ·  task /c/<challenge>/<task>  ·  phase /c/<challenge>/<task>/<phase>
    board /c/<challenge>/<task>/<phase>/board  (.csv, .json)  ·  board-compare <board>/compare?a=&b=  ·  board-embed <board>/embed
    board-snapshot <board>/<date>-<n>  (.csv, .json, /embed)  ·  submission /s/<code>
    dry-run /organise/<challenge>/dry-run/<task>/<phase>  (.json)  ·  challenge-schema /schema/challenge-1.json
    console /c/<challenge>/console  (.json)  ·  console-rescore <console>/rescore/<n>  (.json)
    help /help  ·  help-code /help/<CODE>  ·  login  ·  sign-up  ·  tokens  ·  team-create
"""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from assay.config.api import api, worker_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/worker/v1/", worker_api.urls),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
    path("", include("assay.console.urls")),
    path("", include("assay.web.urls")),
    path("", include("assay.accounts.urls")),
    path("", include("assay.challenges.urls")),
    path("", include("assay.dryruns.urls")),
    path("", include("assay.submissions.urls")),
    path("", include("assay.leaderboards.urls")),
]
handler400 = "assay.web.errors.bad_request"
handler403 = "assay.web.errors.forbidden"
handler404 = "assay.web.errors.not_found"
handler500 = "assay.web.errors.broken"
