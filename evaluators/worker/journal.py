"""What this worker has run and measured, written before it is sent: nothing is lost with a killed process.

Keyed (evaluation, output digest, case): results of another container run never mix in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, String, create_engine, delete, event, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from evaluators.contract.scores import CaseResult, RunFacts


class _Base(DeclarativeBase):
    pass


class _Attempt(_Base):
    """An attempt that this worker took on."""

    __tablename__ = "attempt"
    evaluation: Mapped[str] = mapped_column(String(36), primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class _Run(_Base):
    """A container run whose output is archived here."""

    __tablename__ = "run"
    evaluation: Mapped[str] = mapped_column(String(36), primary_key=True)
    output_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    facts: Mapped[str]
    archived_at: Mapped[datetime]


class _Result(_Base):
    """One case's result."""

    __tablename__ = "result"
    evaluation: Mapped[str] = mapped_column(String(36), primary_key=True)
    output_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    case: Mapped[int] = mapped_column(primary_key=True)
    result: Mapped[str]
    sent: Mapped[bool] = mapped_column(default=False)


def _durable(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


class Journal:
    """One SQLite file below the worker's root."""

    def __init__(self, *, path: Path) -> None:
        self._engine: Engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
        event.listen(self._engine, "connect", _durable)
        _Base.metadata.create_all(self._engine)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def take(self, *, evaluation: str, attempt: int) -> None:
        """An attempt begins."""
        with Session(self._engine) as session, session.begin():
            session.merge(_Attempt(evaluation=evaluation, attempt=attempt, taken_at=datetime.now(UTC), ended_at=None))

    def end(self, *, evaluation: str, attempt: int) -> None:
        """An attempt is over, one way or another."""
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(_Attempt)
                .where(_Attempt.evaluation == evaluation, _Attempt.attempt == attempt)
                .values(ended_at=datetime.now(UTC))
            )

    def open_attempts(self) -> list[tuple[str, int]]:
        """Attempts that a killed process of this worker left behind: (evaluation, attempt)."""
        with Session(self._engine) as session:
            rows = session.execute(select(_Attempt.evaluation, _Attempt.attempt).where(_Attempt.ended_at.is_(None)))
            return [(evaluation, attempt) for evaluation, attempt in rows]

    def archived(self, *, evaluation: str, facts: RunFacts) -> None:
        """The container is gone and its output lies in the store."""
        with Session(self._engine) as session, session.begin():
            session.merge(
                _Run(
                    evaluation=evaluation,
                    output_digest=facts.output_digest,
                    facts=facts.model_dump_json(),
                    archived_at=datetime.now(UTC),
                )
            )

    def last_run(self, *, evaluation: str) -> RunFacts | None:
        """The newest archived run of an evaluation."""
        with Session(self._engine) as session:
            facts = session.scalar(
                select(_Run.facts).where(_Run.evaluation == evaluation).order_by(_Run.archived_at.desc()).limit(1)
            )
        return None if facts is None else RunFacts.model_validate_json(facts)

    def write(self, *, evaluation: str, output_digest: str, results: Iterable[CaseResult]) -> None:
        """Keep results; the first one of a case stands."""
        rows = [
            {
                "evaluation": evaluation,
                "output_digest": output_digest,
                "case": result.case,
                "result": result.model_dump_json(),
                "sent": False,
            }
            for result in results
        ]
        if rows:
            with Session(self._engine) as session, session.begin():
                session.execute(insert(_Result).on_conflict_do_nothing(), rows)

    def results(self, *, evaluation: str, output_digest: str, unsent_only: bool = False) -> list[CaseResult]:
        """Kept results in case order."""
        query = select(_Result.result).where(_Result.evaluation == evaluation, _Result.output_digest == output_digest)
        if unsent_only:
            query = query.where(_Result.sent.is_(False))
        with Session(self._engine) as session:
            return [CaseResult.model_validate_json(row) for row in session.scalars(query.order_by(_Result.case))]

    def mark_sent(self, *, evaluation: str, output_digest: str, cases: Iterable[int]) -> None:
        """The site has them."""
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(_Result)
                .where(
                    _Result.evaluation == evaluation,
                    _Result.output_digest == output_digest,
                    _Result.case.in_(list(cases)),
                )
                .values(sent=True)
            )

    def mark_unsent(self, *, evaluation: str, output_digest: str, but: Iterable[int]) -> None:
        """The site has lost sight of these results, but for the cases `but`: another run superseded them meanwhile."""
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(_Result)
                .where(
                    _Result.evaluation == evaluation,
                    _Result.output_digest == output_digest,
                    _Result.case.not_in(list(but)),
                )
                .values(sent=False)
            )

    def forget_before(self, when: datetime) -> None:
        """Drop what ended before `when` (aware, UTC)."""
        with Session(self._engine) as session, session.begin():
            old = select(_Run.evaluation).where(_Run.archived_at < when)
            session.execute(delete(_Result).where(_Result.evaluation.in_(old)))
            session.execute(delete(_Run).where(_Run.archived_at < when))
            session.execute(delete(_Attempt).where(_Attempt.ended_at < when))
