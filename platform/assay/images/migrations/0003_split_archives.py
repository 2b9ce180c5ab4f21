"""Archives that were kept whole become layers that are kept once."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from assay.images.split import split_archives


def split(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    """One archive after the other, each with its own transaction: what is done stays done."""
    split_archives(images=apps.get_model("images", "Image"), layers=apps.get_model("images", "Layer"))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("images", "0002_layers")]
    operations = [migrations.RunPython(split, migrations.RunPython.noop)]
