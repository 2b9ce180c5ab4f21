"""The method card: what a challenge's overview paper tabulates of a method, as the kit, the API, the site's form and its pages hold it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite

from pydantic import BaseModel, Field

#: rises when a field is taken away or means something else; a new field leaves it
CARD_VERSION = 1
LONGEST_ANSWER = 4000
#: of parameters: more than any network has, so that a slip is noticed
_MOST = 10**15
_SCALES = {"": 1, "k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "b": 10**9, "g": 10**9, "billion": 10**9}
_COUNT = re.compile(r"(?P<number>[0-9][0-9, _']*(?:\.[0-9]+)?(?:e[0-9]+)?) *(?P<scale>[a-z]*?)(?: *parameters)?", re.I)


@dataclass(frozen=True, kw_only=True)
class CardField:
    """One question."""

    key: str
    title: str
    hint: str
    #: a whole number in place of text
    counts: bool = False


FIELDS = (
    CardField(key="backbone", title="Backbone", hint="architecture and size, such as U-Net, 4 levels of 32 channels"),
    CardField(key="physics", title="Physical model", hint="data consistency, coil maps, signal model; or none"),
    CardField(key="loss", title="Loss", hint="what training minimises, with weights"),
    CardField(key="preprocessing", title="Pre-processing", hint="cropping, normalisation, coil compression"),
    CardField(key="parameters", title="Parameters", hint="how many are trained, such as 30 million; 0 for none", counts=True),
    CardField(key="training_data", title="Training data", hint="which, how much, public or not"),
    CardField(key="outside_weights", title="Outside weights", hint="pre-trained on what; or none"),
    CardField(key="augmentation", title="Augmentation", hint="what training changes at random; or none"),
    CardField(key="ensemble", title="Ensemble", hint="models and test-time copies that are averaged; or none"),
    CardField(key="training_compute", title="Training compute", hint="hardware and hours"),
    CardField(key="code", title="Code", hint="an address; or not public"),
    CardField(key="paper", title="Paper", hint="DOI, arXiv or address"),
    CardField(key="licence", title="Licence", hint="of code and weights"),
)  # fmt: skip
_KEYS = {field.key: field for field in FIELDS}
#: other words for a question
_ALSO = {
    "physical model": "physics", "data consistency": "physics", "pre processing": "preprocessing", "number of parameters": "parameters",
    "license": "licence", "source": "code", "code or paper": "code", "publication": "paper", "architecture": "backbone", "architecture and size": "backbone",
    "pretrained weights": "outside_weights", "ensembling": "ensemble", "compute": "training_compute", "data augmentation": "augmentation",
}  # fmt: skip


class CardFieldOut(BaseModel):
    """One question as GET /method-card tells it."""

    key: str
    title: str
    hint: str
    counts: bool = Field(description="a whole number; else text")


class CardSchemaOut(BaseModel):
    """GET /method-card: the questions in their order."""

    version: int = CARD_VERSION
    longest: int = Field(default=LONGEST_ANSWER, description="characters of one answer")
    fields: list[CardFieldOut]


class CardRowOut(BaseModel):
    """One method of a board with its card."""

    rank: float | None
    team: str
    team_name: str
    method: str
    baseline: bool
    submission: str
    card: dict[str, str] = Field(description="by the fields' keys; what was not answered is left out")


class CardsOut(BaseModel):
    """GET /c/{challenge}/{task}/{phase}/board/cards.json: the cards of everything that stands on the board."""

    version: int = CARD_VERSION
    phase: str
    fields: list[CardFieldOut]
    rows: list[CardRowOut]


class CardProblem(ValueError):
    """The card cannot be taken; the text says what to change."""


def card_schema() -> CardSchemaOut:
    """Every field."""
    return CardSchemaOut(fields=fields_out())


def fields_out() -> list[CardFieldOut]:
    """The fields as messages."""
    return [CardFieldOut(key=field.key, title=field.title, hint=field.hint, counts=field.counts) for field in FIELDS]


def read_card(answers: Mapping[str, str]) -> dict[str, str]:
    """The card in the fields' order: keys as the schema names them, blanks trimmed, what is empty left out.

    A key may be a field's key or title, in any case, with blanks, `-` or `_`. Numbers come as digits alone: `30 million` is 30000000.
    Raises CardProblem for an unknown question, one that is answered twice, an answer that is too long, and a number that is none.
    """
    found: dict[str, str] = {}
    for name, answer in answers.items():
        field = _field(name)
        text = answer.strip()
        if field.key in found:
            raise CardProblem(f"{field.title} is answered twice; keep one answer")
        if len(text) > LONGEST_ANSWER:
            raise CardProblem(
                f"{field.title} has {len(text)} characters, at most {LONGEST_ANSWER} fit; link to a longer text"
            )
        found[field.key] = str(_count(text, title=field.title)) if field.counts and text else text
    return {field.key: found[field.key] for field in FIELDS if found.get(field.key)}


def recognised(card: Mapping[str, str]) -> dict[str, str]:
    """What a stored card answers of today's fields; one that was written under other questions keeps what can be told apart."""
    found: dict[str, str] = {}
    for name, answer in card.items():
        try:
            found |= {key: text for key, text in read_card({name: answer}).items() if key not in found}
        except CardProblem:
            continue
    return {field.key: found[field.key] for field in FIELDS if field.key in found}


def missing_fields(card: Mapping[str, str], *, required: Collection[str]) -> list[CardField]:
    """Which of the fields that a task asks for have no answer, in the schema's order. card: as `read_card` gives it."""
    return [field for field in FIELDS if field.key in required and not card.get(field.key)]


def is_field(key: str) -> bool:
    """Whether the schema has this key."""
    return key in _KEYS


def field_keys() -> list[str]:
    """Every key, in order."""
    return list(_KEYS)


def count_text(parameters: str) -> str:
    """A number of parameters as people read it: `0.51 million`, `8,200`, `none`; anything else as it stands."""
    if not parameters.isdecimal():
        return parameters
    number = int(parameters)
    if number == 0:
        return "none"
    if number >= 10**9:
        return f"{number / 10**9:.2f} billion"
    return f"{number / 10**6:.2f} million" if number >= 10**5 else f"{number:,}"


def answer_text(key: str, answer: str) -> str:
    """An answer as a page prints it."""
    return count_text(answer) if key in _KEYS and _KEYS[key].counts else answer


def title_of(key: str) -> str:
    """The question of a key; the key itself for one that this release does not know."""
    return _KEYS[key].title if key in _KEYS else key


def _field(name: str) -> CardField:
    words = " ".join(re.sub(r"[-_]", " ", name).casefold().split())
    by_words = {field.key.replace("_", " "): field.key for field in FIELDS}
    by_words |= {field.title.casefold(): field.key for field in FIELDS} | _ALSO
    if words in by_words:
        return _KEYS[by_words[words]]
    near = get_close_matches(words, by_words, n=1, cutoff=0.7)
    hint = f"did you mean {by_words[near[0]]}?" if near else f"there are {', '.join(_KEYS)}"
    raise CardProblem(f"a method card has no question {name[:80]!r}; {hint}")


def _count(text: str, *, title: str) -> int:
    if text.casefold() in {"none", "no"}:
        return 0
    matched = _COUNT.fullmatch(text)
    scale = _SCALES.get(matched["scale"].casefold()) if matched else None
    number = float(re.sub(r"[, _']", "", matched["number"])) * scale if matched and scale else -1.0
    if not isfinite(number) or not 0 <= number <= _MOST:
        raise CardProblem(f"{title}: {text[:40]!r} is no number; write it like 30000000, 3e7 or 30 million")
    return round(number)
