"""One evaluation through the worker's loops: what is told to the site, when it is fenced, what it does after a crash."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assay.evaluations.models import Evaluation, MetricScores
from assay.evaluations.services import request_cancel, sweep
from assay.images.composed import compose
from evaluators.contract.failures import CaseFailure, RunFailure
from evaluators.contract.scorer import EXIT_DATASET, ScorerJob, ScorerLine
from evaluators.sandbox.errors import EngineFailure, LoadFailure
from evaluators.sandbox.fake import FakeSandbox, FakeScorerSession, Script
from evaluators.sandbox.interface import (
    ImageInfo,
    ObjectKind,
    Observation,
    Owner,
    Role,
    RunOutcome,
    ScorerEnd,
    ScorerEnding,
)
from evaluators.worker.doorbell import Doorbell
from evaluators.worker.errors import SiteUnreachable
from evaluators.worker.main import AlreadyRunning, work
from tests.integration.worker.conftest import METRICS, Site, outputs_of, scores_all, value_of

pytestmark = pytest.mark.django_db(transaction=True)

CRASHED = ScorerEnd(ending=ScorerEnding.EXITED, exit_code=139, oom_killed=False, log="")


class Acting(FakeSandbox):
    """Lets something happen to the evaluation while its container runs."""

    def __init__(self, *, act: Any, scripts: list[Script]) -> None:
        super().__init__(scripts=scripts)
        self._act = act

    def run(self, **arguments: Any) -> RunOutcome:
        self._act()
        return super().run(**arguments)


def failure_code(site: Site) -> str:
    failure = site.evaluation.failure
    assert failure is not None
    return str(failure["code"])


def states(site: Site) -> list[str]:
    return list(site.evaluation.transitions.values_list("after", flat=True))


def test_a_good_run_is_scored_on_every_case(site: Site) -> None:
    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=scores_all)]))
    assert states(site) == ["preparing", "running", "scoring", "scored"]
    assert site.evaluation.outcomes == [{}] * 12
    assert set(MetricScores.objects.values_list("key", flat=True)) == set(METRICS)
    assert MetricScores.objects.get(key="ssim").values == [case / 100 for case in range(12)]
    run = site.evaluation.run
    assert run is not None
    assert (run["files_present"], run["files_expected"], run["provenance"]["worker"]) == (12, 12, "bench")


@pytest.mark.parametrize("whole_only", [False, True])
def test_the_layers_that_the_engine_has_are_not_fetched_unless_it_takes_whole_archives_alone(
    site: Site, *, whole_only: bool
) -> None:
    digest = site.submission.image.config_digest  # type: ignore[union-attr]
    script = Script(files=outputs_of(site), scorer=scores_all, layers_there=1, whole_only=whole_only)
    sandbox = FakeSandbox(scripts=[script])
    site.work_once(sandbox)

    assert site.evaluation.state == "scored"
    image = sandbox.find_image(config_digest=digest)
    assert image is not None
    assert image.size == compose(digest, above=0 if whole_only else 1).size


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Script(exit_code=3), "EXIT_CODE"),
        (Script(timed_out=True), "TIMEOUT"),
        (Script(oom_killed=True), "OOM_RAM"),
        (Script(), "NO_OUTPUT"),
        (Script(load_failure=LoadFailure(code=RunFailure.IMAGE_ARCH, detail="arm64")), "IMAGE_ARCH"),
    ],
)
def test_the_teams_failure_ends_it_at_once(site: Site, script: Script, code: str) -> None:
    site.work_once(FakeSandbox(scripts=[script]))
    assert (site.evaluation.state, failure_code(site), site.evaluation.attempt) == ("failed", code, 1)


def test_the_engines_failure_is_tried_again_and_forgotten_when_it_goes_well(site: Site) -> None:
    broken, good = Script(engine_failure="no space left"), Script(files=outputs_of(site), scorer=scores_all)
    site.work_once(FakeSandbox(scripts=[broken, good]))
    assert (site.evaluation.state, site.evaluation.attempt) == ("scored", 2)


def test_after_three_attempts_it_is_ours_and_never_the_teams(site: Site) -> None:
    site.work_once(FakeSandbox(scripts=[Script(engine_failure="no space left")]))
    assert (site.evaluation.state, site.evaluation.attempt) == ("platform_error", 3)
    assert failure_code(site) == "ENGINE"


def test_a_crash_while_a_file_is_open_costs_that_case_alone(site: Site) -> None:
    def breaks_on_case_4(sent: str) -> Iterator[str]:
        for case in ScorerJob.model_validate_json(sent).cases:
            yield ScorerLine(reading=case.index).line()
            if case.index == 4:
                return
            yield ScorerLine(read=case.index).line()
            yield ScorerLine(result=value_of(case.index)).line()
        yield ScorerLine(done=True).line()

    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=breaks_on_case_4, scorer_end=CRASHED)]))
    outcomes = site.evaluation.outcomes
    assert site.evaluation.state == "scored"
    assert outcomes[4]["code"] == CaseFailure.BAD_FORMAT
    assert outcomes[:4] + outcomes[5:] == [{}] * 11


def test_of_two_files_that_are_open_when_the_scorer_dies_only_the_guilty_one_fails(site: Site) -> None:
    asked: list[tuple[list[int], int]] = []

    def dies_over_case_4(sent: str) -> Iterator[str]:
        job = ScorerJob.model_validate_json(sent)
        cases = [case.index for case in job.cases]
        asked.append((cases, job.budget.cores))
        if 4 in cases:
            # case 5 is read beside it where there is a second process
            yield from (ScorerLine(reading=case).line() for case in cases if case in (4, 5))
            return
        yield from scores_all(sent)

    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=dies_over_case_4, scorer_end=CRASHED)]))
    outcomes = site.evaluation.outcomes
    assert site.evaluation.state == "scored"
    assert outcomes[4]["code"] == CaseFailure.BAD_FORMAT
    assert outcomes[:4] + outcomes[5:] == [{}] * 11
    assert asked[:3] == [(list(range(12)), 2), ([4], 1), ([5], 1)]


def test_a_death_that_no_file_explains_is_followed_by_one_case_at_a_time(site: Site) -> None:
    cores: list[int] = []

    def has_memory_for_one(sent: str) -> Iterator[str]:
        job = ScorerJob.model_validate_json(sent)
        cores.append(job.budget.cores)
        if job.budget.cores == 1:
            yield from scores_all(sent)
        else:
            yield ScorerLine(result=value_of(job.cases[0].index)).line()

    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=has_memory_for_one, scorer_end=CRASHED)]))
    assert (site.evaluation.state, site.evaluation.outcomes) == ("scored", [{}] * 12)
    assert cores == [2, 1]


def test_a_result_for_a_case_that_was_not_asked_is_ours(site: Site) -> None:
    def invents(_: str) -> Iterator[str]:
        yield ScorerLine(result=value_of(99)).line()

    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=invents)]))
    assert (site.evaluation.state, failure_code(site)) == ("platform_error", "SCORER")


@pytest.mark.parametrize(("exit_code", "code"), [(139, "SCORER"), (EXIT_DATASET, "DATA")])
def test_a_scorer_that_dies_outside_a_file_is_never_held_against_the_team(
    site: Site, exit_code: int, code: str
) -> None:
    def breaks_in_a_metric(sent: str) -> Iterator[str]:
        first = ScorerJob.model_validate_json(sent).cases[0].index
        yield ScorerLine(reading=first).line()
        yield ScorerLine(read=first).line()

    end = ScorerEnd(ending=ScorerEnding.EXITED, exit_code=exit_code, oom_killed=False, log="")
    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=breaks_in_a_metric, scorer_end=end)]))
    assert (site.evaluation.state, failure_code(site)) == ("platform_error", code)


def test_a_scorer_that_speaks_out_of_protocol_is_ours(site: Site) -> None:
    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=lambda _: ["PASS: 1.0"])]))
    assert (site.evaluation.state, failure_code(site)) == ("platform_error", "SCORER")


def test_an_attempt_that_lost_its_lease_reports_nothing(site: Site) -> None:
    def another_took_over() -> None:
        long_after = datetime.now(UTC) + timedelta(hours=1)
        sweep(now=long_after)  # the lease ran out: queued again
        Evaluation.objects.filter(state="queued").update(hardware="elsewhere")

    sandbox = Acting(act=another_took_over, scripts=[Script(files=outputs_of(site), scorer=scores_all)])
    site.work_once(sandbox)
    assert (site.evaluation.state, site.evaluation.output_digest) == ("queued", "")
    assert not MetricScores.objects.exists()


def test_a_cancelled_run_is_stopped_and_ends_cancelled(site: Site) -> None:
    beats = threading.Event()

    class Patient(FakeSandbox):
        def run(self, *, cancelled: Any, **arguments: Any) -> RunOutcome:  # type: ignore[override]
            request_cancel(pk=site.evaluation.pk, actor=site.submission.user, now=datetime.now(UTC))
            for _ in range(600):
                if cancelled():
                    break
                beats.wait(0.1)
            return super().run(cancelled=cancelled, **arguments)

    Evaluation.objects.update(state="queued")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LEASE_SECONDS", 3)
        site.work_once(Patient(scripts=[Script(files=outputs_of(site))]))
    assert site.evaluation.state == "cancelled"


def test_what_was_measured_before_a_crash_is_not_measured_again(site: Site) -> None:
    asked: list[list[int]] = []

    def dies_in_the_middle(sent: str) -> Iterator[str]:
        cases = [case.index for case in ScorerJob.model_validate_json(sent).cases]
        asked.append(cases)
        for case in cases[:5]:
            yield ScorerLine(result=value_of(case)).line()
        raise KeyboardInterrupt  # the worker itself goes down

    files = outputs_of(site)
    with pytest.raises(KeyboardInterrupt):
        site.work_once(FakeSandbox(scripts=[Script(files=files, scorer=dies_in_the_middle)]))

    def goes_on(sent: str) -> Iterator[str]:
        asked.append([case.index for case in ScorerJob.model_validate_json(sent).cases])
        yield from scores_all(sent)

    second = FakeSandbox(scripts=[Script(scorer=goes_on)])
    site.work_once(second)
    assert asked == [list(range(12)), list(range(5, 12))]
    assert second.runs == 0, "the output lies here: the container is not run again"
    assert (site.evaluation.state, site.evaluation.attempt) == ("scored", 2)
    assert MetricScores.objects.get(key="ssim").values == [case / 100 for case in range(12)]


def test_a_run_that_was_superseded_meanwhile_sends_all_of_its_results_again(site: Site) -> None:
    files = outputs_of(site)
    other = {path: content + b"!" for path, content in files.items()}

    def dies_after(count: int) -> Any:
        def score(sent: str) -> Iterator[str]:
            for case in ScorerJob.model_validate_json(sent).cases[:count]:
                yield ScorerLine(result=value_of(case.index)).line()
            raise KeyboardInterrupt

        return score

    for name, written in (("bench", files), ("second", other)):
        with pytest.raises(KeyboardInterrupt):
            site.work_once(FakeSandbox(scripts=[Script(files=written, scorer=dies_after(5))]), name=name)
        sweep(now=datetime.now(UTC) + timedelta(hours=1))  # its lease runs out
        with site.bench(FakeSandbox(), name=name) as bench:  # what it had measured was sent before it died
            facts = bench.journal.last_run(evaluation=str(site.evaluation.pk))
            assert facts is not None
            measured = bench.journal.results(evaluation=str(site.evaluation.pk), output_digest=facts.output_digest)
            bench.journal.mark_sent(
                evaluation=str(site.evaluation.pk),
                output_digest=facts.output_digest,
                cases=[result.case for result in measured],
            )
    site.work_once(FakeSandbox(scripts=[Script(scorer=scores_all)]))
    assert (site.evaluation.state, site.evaluation.outcomes) == ("scored", [{}] * 12)


def test_a_scorer_image_of_another_release_scores_nothing(site: Site) -> None:
    class Stale(FakeSandbox):
        def own_image(self, *, name: str) -> ImageInfo:
            return replace(super().own_image(name=name), labels={"assay.scorer": "0" * 64})

    with pytest.raises(EngineFailure, match="another release"), site.bench(Stale()):
        pass
    assert site.evaluation.state == "queued"


def test_a_scorer_image_that_is_replaced_while_the_worker_lives_scores_nothing_either(site: Site) -> None:
    class Rebuilt(FakeSandbox):
        used: list[str]
        rebuilt: bool

        @contextmanager
        def scorer(self, *, image: ImageInfo, **rest: Any) -> Iterator[FakeScorerSession]:
            self.used.append(image.config_digest)
            with super().scorer(image=image, **rest) as session:
                yield session

        def own_image(self, *, name: str) -> ImageInfo:
            found = super().own_image(name=name)
            return (
                found if not self.rebuilt else replace(found, config_digest="f" * 64, labels={"assay.scorer": "0" * 64})
            )

    sandbox = Rebuilt(scripts=[Script(files=outputs_of(site), scorer=scores_all)])
    sandbox.used, sandbox.rebuilt = [], False
    with site.bench(sandbox) as bench:
        sandbox.rebuilt = True
        work(bench=bench, doorbell=Doorbell(), should_stop=lambda: False)
    assert site.evaluation.state == "scored"
    assert sandbox.used == [bench.scorer.config_digest]
    assert sandbox.used != ["f" * 64]


def test_a_full_disk_of_ours_is_never_the_teams(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(self: object, **_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("evaluators.worker.cache.Cache.bring", no_space)
    site.work_once(FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=scores_all)]))
    assert (site.evaluation.state, failure_code(site)) == ("platform_error", "ENGINE")


def test_what_a_killed_worker_left_in_the_engine_is_removed_at_the_start(site: Site) -> None:
    sandbox = FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=scores_all)])
    with site.bench(sandbox) as bench:
        owner = Owner(worker=bench.identity, evaluation="gone", attempt=1, deadline=2**40)
        other = Owner(worker="another-worker", evaluation="alive", attempt=1, deadline=2**40)
        sandbox.leave_behind(owner=owner, kind=ObjectKind.CONTAINER, role=Role.SUBMISSION)
        sandbox.leave_behind(owner=other, kind=ObjectKind.CONTAINER, role=Role.SUBMISSION)
        work(bench=bench, doorbell=Doorbell(), should_stop=lambda: False)
        assert sandbox.owned(worker=bench.identity) == []
        assert len(sandbox.owned(worker="another-worker")) == 1


def test_two_workers_cannot_share_a_work_root(site: Site) -> None:
    with site.bench(FakeSandbox()), pytest.raises(AlreadyRunning), site.bench(FakeSandbox()):
        pass


def test_the_page_sees_how_many_files_are_there_while_it_runs(site: Site) -> None:
    seen: list[dict[str, Any]] = []

    class Watched(FakeSandbox):
        def run(self, *, observe: Any, **arguments: Any) -> RunOutcome:  # type: ignore[override]
            def and_wait(observation: Observation) -> None:
                observe(observation)
                for _ in range(100):
                    threading.Event().wait(0.1)
                    if site.evaluation.progress.get("files_present"):
                        seen.append(site.evaluation.progress)
                        return

            return super().run(observe=and_wait, **arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.LEASE_SECONDS", 3)
        site.work_once(Watched(scripts=[Script(files=outputs_of(site, leave_out=4), scorer=scores_all)]))
    assert (seen[0]["files_present"], seen[0]["files_expected"]) == (8, 12)


def test_a_site_that_is_away_for_the_claim_is_asked_again_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = FakeSandbox(scripts=[Script(files=outputs_of(site), scorer=scores_all)])
    with site.bench(sandbox) as bench:
        with monkeypatch.context() as away:

            def no_answer(_request: object) -> None:
                raise SiteUnreachable("POST /claim: ConnectError")

            away.setattr(bench.client, "claim", no_answer)
            work(bench=bench, doorbell=Doorbell(), should_stop=lambda: False)
        assert site.evaluation.state == "queued"
        work(bench=bench, doorbell=Doorbell(), should_stop=lambda: False)
    assert site.evaluation.state == "scored"
