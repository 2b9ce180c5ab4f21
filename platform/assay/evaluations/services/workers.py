"""Workers and their tokens: shown once, stored as a hash, revocable, good for the worker API alone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from assay.accounts.models import User
from assay.audit.services import record
from assay.evaluations.models import Worker

TOKEN_PREFIX = "assayw_"  # noqa: S105 -- a prefix, not a secret


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def register_worker(*, name: str, hardware: str, now: datetime, actor: User | None = None) -> str:
    """A fresh token for the worker of this name; the old one, if any, opens nothing any more."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    worker, created = Worker.objects.update_or_create(
        name=name,
        defaults={"hardware": hardware, "digest": _digest(token), "revoked_at": None},
        create_defaults={"hardware": hardware, "digest": _digest(token), "created_at": now},
    )
    tag = "site:worker:register" if created else "site:worker:rotate"
    record(tag=tag, target=worker, at=now, actor=actor, agent="" if actor else "system", detail={"hardware": hardware})
    return token


@transaction.atomic
def revoke_worker(*, worker: Worker, now: datetime, actor: User | None = None) -> None:
    """Its token opens nothing from now on; what it holds returns to the queue when the lease runs out."""
    Worker.objects.filter(pk=worker.pk, revoked_at__isnull=True).update(revoked_at=now)
    record(tag="site:worker:revoke", target=worker, at=now, actor=actor, agent="" if actor else "system")


def authenticate_worker(token: str) -> Worker | None:
    """The worker that this token belongs to; None for an unknown or revoked one."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    return Worker.objects.filter(digest=_digest(token), revoked_at__isnull=True).first()


def see(*, worker: Worker, now: datetime, facts: dict[str, str] | None = None) -> None:
    """Note a sign of life, and what the worker says of its machine."""
    worker.seen_at = now
    if facts:
        worker.facts = facts
    Worker.objects.filter(pk=worker.pk).update(seen_at=now, facts=worker.facts)
