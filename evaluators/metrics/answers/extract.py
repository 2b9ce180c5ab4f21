"""Which option a free text names, by one order of rules; every expression is bounded, so that no text takes long.

1. JSON: the last "answer": "X". 2. The last <answer>X</answer>. 3. The last statement "answer is X", "answer: X" (also option
and choice; also Chinese). 4. The text begins with X and a mark: "B.", "(b)", "B: ...", "Yes, ...". 5. Exactly one option's text
stands anywhere. X is a label or an option's text. The first rule that finds a statement decides, also when that statement is no
answer: two options at once ("A or B") or one that is denied ("not A"; "not A but B" is B). Anything else is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from evaluators.metrics.answers.question import Options, folded, plain

_IN_JSON = re.compile(r'"answer"\s{0,8}:\s{0,8}"([^"\n]{0,200})"', re.IGNORECASE)
_IN_TAGS = re.compile(r"<answer>([^<]{0,300})</answer>", re.IGNORECASE)
_STATEMENT = re.compile(
    r"(?:\b(?:answer|option|choice)|答案)[\s*_'\"]{0,8}(?:is\b|isn't\b|(?:should|would|must) be\b|[:=–—]|-\s|\n|应该是|不是|是|为)",
    re.IGNORECASE,
)
#: how far a statement reaches, and how many of the last ones are looked at
_REACH = 300
_LATEST = 50
#: of a longer text only the beginning and the end are read
_BEGINNING, _END = 10_000, 90_000
_SENTENCE_END = re.compile(r"[.;!?。；！？](?=\s|$)|\n")
_DENIED = re.compile(r"^[\s*_:]{0,8}(?:definitely |certainly |probably )?(?:not|neither|none|不是|不)(?![^\W\d_])")
_RATHER = re.compile(r"(?:\bbut\s{1,8}rather|\bbut|\brather|而是)[\s,:]{0,8}")
#: what stands before an option's text that is ruled out
_RULED_OUT = r"(?:\bnot|\bno|n't|\bwithout|\bneither|\bnor|不是|没有|无)\s?(?:an?\s|the\s)?"
#: what may stand around a label: brackets, emphasis, quotes, TeX
_OPEN = r"[\s*_`\"'$(\[{:]{0,12}(?:\\(?:boxed|text|mathrm)\{)?[\s*_`\"'$(\[{]{0,12}"
_CLOSE = r"[\s*_`\"'$)\]}]{0,12}"
_WORD = r"(?:(?:option|choice|letter)\s{1,8})?"
#: a label that is also an article or a pronoun needs more than a blank behind it
_ALSO_WORDS = frozenset({"a", "i"})
_GROUNDS = re.compile(r"\s{1,8}(?:because|since|as|due|for|which|with|by|is|was)\b")

#: a statement that names no single option: it decides, and the answer is invalid
_INVALID = ""


def extract_answer(text: str, *, options: Mapping[str, str]) -> str | None:
    """The label of the option that `text` answers with, or None: no answer that can be read, which counts as wrong.

    options: label -> text of the option. Letter case, full-width characters and emphasis do not matter. Takes time in
    proportion to the length of the text.
    """
    known = Options(options)
    words = plain(text if len(text) <= _BEGINNING + _END else f"{text[:_BEGINNING]}\n{text[-_END:]}")
    for rule in (_json, _tags, _statements, _leading):
        found = rule(words, known)
        if found is not None:
            return found or None
    return _anywhere(folded(words), known)


def _anywhere(words: str, known: Options) -> str | None:
    """The only option whose text stands in `words`, unless it is ruled out there."""
    label = _only(known.named(words))
    if not label or re.search(rf"{_RULED_OUT}{re.escape(folded(known.texts[label]))}(?!\w)", words):
        return None
    return label


def _json(text: str, known: Options) -> str | None:
    return _last(_IN_JSON, text, known)


def _tags(text: str, known: Options) -> str | None:
    return _last(_IN_TAGS, text, known)


def _last(pattern: re.Pattern[str], text: str, known: Options) -> str | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one counts
        pass
    return None if found is None else _resolve(found[1], known) or _INVALID


def _statements(text: str, known: Options) -> str | None:
    """From the last statement back: one that names nothing ("the answer is clear") is passed over."""
    for found in [*_STATEMENT.finditer(text)][-_LATEST:][::-1]:
        after = text[found.end() : found.end() + _REACH].casefold()
        denied = found[0].casefold().endswith(("n't", "不是")) or _DENIED.match(after)
        if denied:
            rather = _RATHER.search(_SENTENCE_END.split(after)[0])
            return _INVALID if rather is None else _resolve(after[rather.end() :], known) or _INVALID
        named = _resolve(after, known)
        if named is not None:
            return named
    return None


def _leading(text: str, known: Options) -> str | None:
    begin = text.lstrip()[:_REACH].casefold()
    label = re.match(rf"{_OPEN}{_WORD}{_OPEN}({known.label})(?!\w)", begin)
    if label is None or not _closed(begin, label):
        starts = [one for one, words in known.texts.items() if _starts(begin, folded(words))]
        return starts[0] if len(starts) == 1 else None
    return _INVALID if _another(begin[label.end(1) :], known) else known.labels[label[1]]


#: a mark, a line's end, or the words that make a label the subject: "A fibrillating atrium" has none of them
_MARK = re.compile(
    r"[*_`\"'$\])}]{0,12}(?:\s{0,8}$|[.:,;]|\s{0,8}\n|\s{0,8}[-–—]\s|\sis (?:the )?(?:correct|right|best|answer)\b)|[)\]}*]"
)


def _closed(begin: str, label: re.Match[str]) -> bool:
    return _MARK.match(begin[label.end(1) :]) is not None


def _starts(begin: str, words: str) -> bool:
    """`begin` is the words alone, or the words, a mark, and no second thought."""
    return (
        bool(words)
        and re.match(rf"{re.escape(words)}\s{{0,8}}(?:$|[.,;:!](?!\s{{0,8}}(?:or|and)\b))", begin) is not None
    )


def _resolve(after: str, known: Options) -> str | None:
    """The option at the start of `after`: by label, else by text within the sentence; _INVALID for several, None for none."""
    words = after.casefold()
    label = re.match(rf"{_OPEN}{_WORD}{_OPEN}({known.label})(?!\w)", words)
    if label is not None and _is_label(words, label):
        return _INVALID if _another(words[label.end(1) :], known) else known.labels[label[1]]
    return _only(known.named(folded(_SENTENCE_END.split(after)[0])))


def _is_label(words: str, label: re.Match[str]) -> bool:
    """Whether "a" is the option A and not the article."""
    behind = words[label.end(1) :]
    if label[1] not in _ALSO_WORDS or not re.match(r"\s{1,8}\w", behind):
        return True
    return bool(_GROUNDS.match(behind)) or bool(_OR.match(behind))


_OR = re.compile(r"[\s*_`\"'$)\]}]{0,12}(?:,|/|&|\+|\bor\b|\band\b|或|和)")
#: each on a line of its own is a list of options too
_NEXT_LINE = re.compile(r"[.)]?\s{0,8}\n\s{0,8}")


def _another(behind: str, known: Options) -> bool:
    """Whether a second label follows: "A or B", "A, C", "A/B"."""
    below = _NEXT_LINE.match(behind)
    if below and re.match(rf"(?:{known.label})[.)]?\s{{0,8}}(?:$|\n)", behind[below.end() :]):
        return True
    joined = _OR.match(behind)
    if joined is None:
        return False
    rest = re.match(rf"\s{{0,8}}(?:(?:or|and)\s{{1,8}})?{_WORD}{_OPEN}({known.label})(?!\w)", behind[joined.end() :])
    # "A, a fibrillating atrium": an article behind a comma is no second label
    return rest is not None and _is_label(behind[joined.end() :], rest)


def _only(named: list[str]) -> str | None:
    if not named:
        return None
    return named[0] if len(named) == 1 else _INVALID
