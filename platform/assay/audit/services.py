"""Writes the audit record. Every write that matters calls `record` inside its own transaction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model

from assay.audit.models import Entry

TAG = re.compile(r"[a-z-]+(:[a-z_-]+){1,2}")
_TARGET_LENGTH = 120


def record(
    *,
    tag: str,
    target: Model | str,
    at: datetime,
    actor: AbstractBaseUser | None = None,
    agent: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one deed down: `actor` (a person) or `agent` (`worker:gpu-3`, `system`) did `tag` to `target`.

    tag: source:subject:action in lower case, such as `team:submission:create`.
    target: a model instance becomes `model:what it calls itself`.
    detail: JSON; never a secret, never text that a container wrote.
    Raises ValueError for a tag of another form, or a deed that nobody did.
    """
    if not TAG.fullmatch(tag):
        raise ValueError(f"{tag!r} is no audit tag; write it like team:submission:create")
    if actor is None and not agent:
        raise ValueError(f"{tag}: somebody did it; give actor or agent")
    words = f"{target._meta.model_name}:{target}" if isinstance(target, Model) else target
    return Entry.objects.create(
        tag=tag,
        target=words[:_TARGET_LENGTH],
        at=at,
        actor_id=None if actor is None else actor.pk,
        agent=agent,
        detail=dict(detail or {}),
    )
