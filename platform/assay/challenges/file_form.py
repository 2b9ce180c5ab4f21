"""The form of a challenge's most changed values. What is typed becomes changes of its file, and nothing is written another way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from assay.challenges.edit import with_values
from assay.challenges.marked_yaml import Path, load

_TEXT = {"class": "form-control"}
_LIMITS = ("hardware", "time", "case_time", "memory", "shm", "cpus", "pids", "output", "image")
_WHOLE, _NUMBER = re.compile(r"\d{1,9}"), re.compile(r"\d{1,9}\.\d{1,9}")


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value of the file that the form shows."""

    path: Path
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    #: whether digits mean a number
    number: bool = False

    @property
    def name(self) -> str:
        """Of its field."""
        return "-".join(map(str, self.path))


@dataclass(frozen=True, kw_only=True)
class Group:
    """Values that stand together under one heading."""

    title: str
    fields: list[forms.BoundField]


class FileForm(forms.Form):
    """Title, summary, limits, dates, quotas and who sees what. An empty field takes its key out of the file."""

    def __init__(self, text: str, typed: QueryDict | None = None) -> None:
        """text: the file as it stands; typed: what a browser sent."""
        self._text = text
        self._data = load(text).data
        self._groups = list(_values(self._data))
        initial = {value.name: _shown(_found(self._data, value.path)) for _, values in self._groups for value in values}
        super().__init__(typed, initial=initial)
        for _, values in self._groups:
            for value in values:
                self.fields[value.name] = _field(value, standing=initial[value.name])

    @property
    def groups(self) -> list[Group]:
        """For the page, in the order of the file."""
        return [Group(title=title, fields=[self[value.name] for value in values]) for title, values in self._groups]

    def changed_text(self) -> str:
        """The file with what was typed. Raises CannotEdit."""
        changes: dict[Path, Any] = {}
        for _, values in self._groups:
            for value in values:
                typed = str(self.cleaned_data[value.name]).strip()
                if typed != _shown(_found(self._data, value.path)):
                    changes[value.path] = _typed(typed, number=value.number)
        return with_values(self._text, changes)


def _values(data: Any) -> Any:
    """(heading, values) of every part of the file."""
    yield (
        "Challenge",
        [
            Value(path=("title",), label="Title"),
            Value(path=("summary",), label="Summary"),
            Value(
                path=("timezone",), label="Time zone", hint="For every date that names none: AoE, UTC, Europe/Zurich."
            ),
        ],
    )
    for number, task in enumerate(data["tasks"]):
        at: Path = ("tasks", number)
        yield (
            f"Task {task['task']}",
            [
                Value(path=(*at, "title"), label="Title"),
                *(
                    Value(path=(*at, "limits", key), label=f"Limit: {key.replace('_', ' ')}", number=True)
                    for key in _LIMITS
                    if key in task["limits"]
                ),
            ],
        )
        for place, phase in enumerate(task["phases"]):
            yield f"Phase {task['task']}/{phase['phase']}", list(_of_phase((*at, "phases", place)))


def _of_phase(at: Path) -> Any:
    dates = "Such as 2027-05-01 or 2027-05-01 12:00; empty: no limit."
    shown = "`at-once` or a date; empty: at once."
    return (
        Value(path=(*at, "open", "from"), label="Opens", hint=dates),
        Value(path=(*at, "open", "until"), label="Closes", hint=dates),
        Value(path=(*at, "data", "ranked"), label="Ranked data", hint="name@version"),
        Value(path=(*at, "data", "sample"), label="Public sample", hint="name@version"),
        Value(path=(*at, "quota", "submissions"), label="Submissions", number=True),
        Value(path=(*at, "quota", "every"), label="In every", choices=("day", "week", "phase")),
        Value(path=(*at, "quota", "attempts"), label="Attempts at most", number=True),
        Value(path=(*at, "counts"), label="Which entry counts", choices=("best", "last")),
        Value(path=(*at, "show", "team", "scores"), label="Teams see scores", hint=shown),
        Value(path=(*at, "show", "public", "board"), label="The public sees the board", hint=shown),
    )


def _field(value: Value, *, standing: str) -> forms.Field:
    if value.choices:
        # a word that this release does not know stays choosable, so that saving changes nothing unasked
        among = dict.fromkeys((standing, *value.choices))
        return forms.ChoiceField(
            label=value.label,
            required=False,
            choices=[(word, word or "not said") for word in among],
            widget=forms.Select(attrs={"class": "form-select"}),
        )
    return forms.CharField(
        label=value.label, required=False, max_length=400, help_text=value.hint, widget=forms.TextInput(attrs=_TEXT)
    )


def _found(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, dict):
            data = data.get(str(part))
        else:
            data = data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
    return data


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _typed(text: str, *, number: bool) -> Any:
    if not text:
        return None
    if number and _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if number and _NUMBER.fullmatch(text) else text
