"""Registers the app with Django, and tells challenges what only this app and those below it know."""

from __future__ import annotations

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "assay.submissions"

    def ready(self) -> None:
        """Challenges ask before they take something away."""
        from assay.challenges.above import above  # noqa: PLC0415 -- models load before
        from assay.evaluations.selectors import hardware_at  # noqa: PLC0415
        from assay.submissions.selectors.entries import entries_of  # noqa: PLC0415

        above.entries_of, above.hardware_at = entries_of, hardware_at
