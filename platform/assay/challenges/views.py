"""The schema of challenge files, for editors."""

from __future__ import annotations

import json
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from assay.challenges.json_schema import challenge_schema


@require_safe
def schema(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- every view's signature
    """JSON Schema of this release; editors in a browser may read it from anywhere."""
    response = HttpResponse(_schema(settings.SITE_URL), content_type="application/schema+json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@cache
def _schema(site: str) -> str:
    return json.dumps(challenge_schema(site=site), indent=2, ensure_ascii=False)
