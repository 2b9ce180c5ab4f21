"""Both APIs of the site: people and the `assay` command at /api/v1, workers at /api/worker/v1."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI, Router

from assay.accounts.api import router as accounts
from assay.challenges.api import router as challenges
from assay.challenges.review_api import router as challenge_reviews
from assay.config.errors import NotFound, install_handlers
from assay.console.api import router as console
from assay.datasets import raw as dataset_files
from assay.datasets.api import router as datasets
from assay.dryruns.api import router as dry_runs
from assay.evaluations.worker_api import router as worker
from assay.images import raw as image_archives
from assay.images.api import router as images
from assay.leaderboards.api import router as leaderboards
from assay.predictions import raw as prediction_archives
from assay.predictions.api import router as predictions
from assay.submissions.api import router as submissions


class SiteAPI(NinjaAPI):
    """ninja's routes, and beside them the plain views that stream files, which ninja would read into memory."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        raw: list[URLResolver | URLPattern] = [
            path("v1/blobs/<str:sha256>", dataset_files.blob, name="blob"),
            path(
                "v1/datasets/<slug:name>/<int:version>/files/<str:sha256>",
                dataset_files.public_file,
                name="dataset-file",
            ),
            path(
                "v1/datasets/<slug:name>/<int:version>/pictures/<str:sha256>",
                dataset_files.picture,
                name="dataset-picture",
            ),
            path(
                "v1/datasets/<slug:name>/<int:version>/volumes/<str:sha256>",
                dataset_files.volume,
                name="dataset-volume",
            ),
            path("v1/images/<int:pk>/archive", image_archives.archive, name="image-archive"),
            path("v1/predictions/<int:pk>/archive", prediction_archives.archive, name="predictions-archive"),
        ]
        return raw + super()._get_urls()

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """The schema with the streaming addresses beside ninja's own."""
        schema = super().get_openapi_schema(**kwargs)
        schema["paths"].update({**dataset_files.OPENAPI, **image_archives.OPENAPI, **prediction_archives.OPENAPI})
        return schema


api = SiteAPI(
    title="Assay",
    version="1",
    description="Submit containers to medical-imaging challenges and read the boards. Every error has the form `Refusal`.",
    urls_namespace="api",
)
install_handlers(api)
worker_api = NinjaAPI(
    title="Assay, for workers", version="1", urls_namespace="worker-api", docs_url=None, openapi_url=None
)
install_handlers(worker_api)

api.add_router("/v1", accounts)
api.add_router("/v1", datasets)
api.add_router("/v1", challenges)
api.add_router("/v1", challenge_reviews)
api.add_router("/v1", dry_runs)
api.add_router("/v1", images)
api.add_router("/v1", predictions)
api.add_router("/v1", submissions)
api.add_router("/v1", leaderboards)
api.add_router("/v1", console)
worker_api.add_router("", worker)

_nowhere = Router()


@_nowhere.api_operation(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], "/{path:rest}", include_in_schema=False, auth=None
)
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:  # noqa: ARG001 -- ninja's signature
    """Whatever no route serves."""
    raise NotFound


api.add_router("", _nowhere)
worker_api.add_router("", _nowhere)
