"""From two files to a number: read, scored as the scorer does, every refusal with its code."""

from __future__ import annotations

from assay_kit.errors import AnswerIsNo, WrongUsage
from assay_kit.scoring.answer import Answer
from assay_kit.scoring.ask import Ask
from assay_kit.scoring.families import FAMILIES
from assay_kit.scoring.files import load
from evaluators.contract.metrics import MetricSpec, OptionProblem
from evaluators.metrics.errors import MetricError, NotAScore
from evaluators.tasks.registry import ReferenceProblem, TaskProblem


def score(spec: MetricSpec, ask: Ask) -> Answer:
    """The metric of the two files. Raises AnswerIsNo with a code, WrongUsage for options that the metric has not."""
    try:
        return _score(spec, ask)
    except MemoryError as error:
        raise AnswerIsNo("this machine has not enough memory for the two files", code="OOM_RAM") from error


def _score(spec: MetricSpec, ask: Ask) -> Answer:
    prediction = load(ask.prediction, variable=ask.variable)
    reference = load(ask.reference, variable=ask.reference_variable)
    try:
        return FAMILIES[spec.family](spec, prediction, reference, ask)
    except (OptionProblem, TaskProblem) as problem:
        raise WrongUsage(str(problem), next="assay score --list says what each metric takes") from problem
    except NotAScore as problem:
        raise AnswerIsNo(str(problem), code="BAD_VALUE") from problem
    except (MetricError, ReferenceProblem) as problem:
        raise AnswerIsNo(str(problem), code="UNDEFINED") from problem
