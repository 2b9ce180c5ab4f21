"""Which layers a team need not send, and which layers an image refers to. The only writer of layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Q

from assay.accounts.models import Team
from assay.datasets.errors import UploadBroken
from assay.images.models import Image, Layer
from assay.images.store import part_path


def there_for(*, team: Team, diff_ids: Iterable[str]) -> dict[str, int]:
    """Those of these layers that the team may leave out, with their bytes.

    A layer is there for a team only if the team itself sent it in an image that was checked, or if it belongs to a public
    base: who names another team's layer could read its content otherwise.
    """
    may = Layer.objects.filter(Q(public=True) | Q(images__team=team), diff_id__in=list(diff_ids)).distinct()
    return {layer.diff_id: layer.size for layer in may if part_path(layer.diff_id).is_file()}


@transaction.atomic
def refer(*, image: Image, layers: Mapping[str, int]) -> None:
    """Note that the image consists of these layers, which are on the disk. Raises UploadBroken where one was swept away."""
    image.layers.set(_rows(layers))


@transaction.atomic
def give_out(layers: Mapping[str, int]) -> None:
    """Make these layers a public base. Raises UploadBroken where one was swept away."""
    Layer.objects.filter(pk__in=[row.pk for row in _rows(layers)]).update(public=True)


def _rows(layers: Mapping[str, int]) -> list[Layer]:
    Layer.objects.bulk_create(
        [Layer(diff_id=diff_id, size=size) for diff_id, size in layers.items()], ignore_conflicts=True
    )
    # a sweep waits for these rows, or has ended and taken the file along
    rows = list(Layer.objects.select_for_update().filter(diff_id__in=list(layers)))
    if len(rows) < len(layers) or not all(part_path(row.diff_id).is_file() for row in rows):
        raise UploadBroken
    return rows
