"""PUT /images/{id}/archive: a plain streaming view, because archives have gigabytes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from assay.accounts.auth import require_token
from assay.accounts.models import Scope
from assay.config.errors import MethodRefused, answers_refusals
from assay.datasets.uploads import body_chunks
from assay.images import selectors, services
from assay.images.api import image_out


@csrf_exempt  # the token is no cookie: another site cannot send it
@answers_refusals
def archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take the archive in and check it; answers ImageOut once it is ready. Layers that are there may be left out of it."""
    if request.method != "PUT":
        raise MethodRefused
    actor = require_token(request, scope=Scope.TEAM).user
    image = selectors.image_for(user=actor, pk=pk)
    image = services.receive_archive(actor=actor, image=image, chunks=body_chunks(request), now=timezone.now())
    return HttpResponse(image_out(image).model_dump_json(), content_type="application/json")


#: for /api/openapi.json
OPENAPI: dict[str, Any] = {
    "/api/v1/images/{id}/archive": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "put": {
            "tags": ["images"], "summary": "Send the `docker save` archive of an image",
            "security": [{"TokenAuth": []}],
            "requestBody": {
                "required": True, "content": {"application/x-tar": {"schema": {"type": "string", "format": "binary"}}},
            },
            "responses": {
                "200": {
                    "description": "ready",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ImageOut"}}},
                },
                "400": {"description": "broken off; send it again"},
                "401": {"description": "no token"},
                "404": {"description": "not an image of your teams"},
                "411": {"description": "length needed"},
                "413": {"description": "too large"},
                "422": {"description": "not one image that can run here: IMAGE_PULL, IMAGE_ARCH, IMAGE_SIZE"},
                "507": {"description": "no room at the site; nothing was kept"},
            },
        },
    },
}  # fmt: skip
