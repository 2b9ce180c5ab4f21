"""Model fields of our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _Text = models.TextField[Any, Any]  # generic for the type checker only
else:
    _Text = models.TextField


class OrderedJSON(_Text):
    """JSON that keeps the order of its keys, as text.

    PostgreSQL stores a JSONField as jsonb, which sorts keys by length and bytes: strata and answers would be shown in
    an order that nobody wrote. Read and written whole; not for queries into it.
    """

    if TYPE_CHECKING:
        #: what django-stubs lets models assign and gives back
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:  # noqa: ARG002
        """What was stored."""
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        """The text that is stored."""
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def to_python(self, value: Any) -> Any:
        """From a fixture's text."""
        return json.loads(value) if isinstance(value, str) else value

    def value_to_string(self, obj: models.Model) -> str:
        """For a fixture."""
        return self.get_prep_value(self.value_from_object(obj)) or ""
