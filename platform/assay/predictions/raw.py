"""PUT /predictions/{id}/archive: a plain streaming view, because archives may have gigabytes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from assay.accounts.auth import require_token
from assay.accounts.models import Scope
from assay.config.errors import MethodRefused, answers_refusals
from assay.datasets.uploads import body_chunks
from assay.predictions import selectors, services
from assay.predictions.api import predictions_out


@csrf_exempt  # the token is no cookie: another site cannot send it
@answers_refusals
def archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take the ZIP in; answers PredictionsOut once it is ready."""
    if request.method != "PUT":
        raise MethodRefused
    actor = require_token(request, scope=Scope.TEAM).user
    found = selectors.predictions_for(user=actor, pk=pk)
    found = services.receive_predictions(
        actor=actor, predictions=found, chunks=body_chunks(request), now=timezone.now()
    )
    return HttpResponse(predictions_out(found).model_dump_json(), content_type="application/json")


#: for /api/openapi.json
OPENAPI: dict[str, Any] = {
    "/api/v1/predictions/{id}/archive": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "put": {
            "tags": ["predictions"], "summary": "Send the ZIP of result files",
            "security": [{"TokenAuth": []}],
            "requestBody": {
                "required": True, "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            },
            "responses": {
                "200": {
                    "description": "ready",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PredictionsOut"}}},
                },
                "400": {"description": "broken off; send it again"},
                "401": {"description": "no token"},
                "404": {"description": "not an archive of your teams"},
                "411": {"description": "length needed"},
                "413": {"description": "too large"},
                "507": {"description": "no room at the site; nothing was kept"},
                "422": {"description": "another hash, or no ZIP"},
            },
        },
    },
}  # fmt: skip
