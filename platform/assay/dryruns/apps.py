"""Registers the app with Django, and tells challenges which phases were tried."""

from __future__ import annotations

from django.apps import AppConfig


class DryRunsConfig(AppConfig):
    name = "assay.dryruns"

    def ready(self) -> None:
        """Lint and diff warn of phases whose scorer nobody tried."""
        from assay.challenges.above import above  # noqa: PLC0415 -- models load before
        from assay.dryruns.selectors import was_green  # noqa: PLC0415

        above.tried = was_green
