"""The help pages' contents: every failure code of the contract and every refusal of the site, from where they are defined."""

from __future__ import annotations

from dataclasses import dataclass

from assay.config.errors import every_refusal
from evaluators.contract.failures import HELP, CaseFailure, Fault, PlatformFailure, RunFailure

_RUN = "the whole run"
_CASE = "one case"


@dataclass(frozen=True, kw_only=True)
class Code:
    """One page under /help/."""

    code: str
    sentence: str
    #: "the whole run", "one case", both, or "a request"
    concerns: str
    causes: str
    fix: str
    counts: str
    ours: bool = False


def all_codes() -> dict[str, Code]:
    """A to Z. A code of the contract wins over a refusal of the same name."""
    codes: dict[str, Code] = {}
    for reason in every_refusal():
        # the class that coined a code explains it; a subclass that shares it says more, but of one case only
        if "code" in vars(reason):
            codes.setdefault(reason.code, _refusal(reason.code, reason.sentence(), reason.hint))
    codes |= {code: _failure(code) for code in HELP}
    return dict(sorted(codes.items()))


def _failure(code: str) -> Code:
    known = HELP[code]
    run, case = code in set(RunFailure) | set(PlatformFailure), code in set(CaseFailure)
    concerns = " or ".join(word for word, applies in ((_RUN, run), (_CASE, case)) if applies)
    return Code(
        code=code,
        sentence=known.sentence,
        concerns=concerns,
        causes=known.causes,
        fix=known.fix,
        counts=_counts(known.fault, run=run, case=case),
        ours=known.fault is Fault.PLATFORM,
    )


def _counts(fault: Fault, *, run: bool, case: bool) -> str:
    if fault is Fault.PLATFORM:
        return "Does not count: it is our fault, and the attempt is repeated by itself."
    whole = "The submission counts against the quota."
    single = "The submission is scored and counts; this case ranks as the metric's worst value."
    return " ".join(
        text
        for text, applies in (
            (whole, run),
            (single if not run else f"As a case failure: {single[0].lower()}{single[1:]}", case),
        )
        if applies
    )


def _refusal(code: str, sentence: str, hint: str) -> Code:
    return Code(
        code=code,
        sentence=sentence,
        concerns="a request",
        causes="The site refused the request before anything was written.",
        fix=hint or "Read the message that came with it.",
        counts="Does not count: nothing was submitted.",
    )
