"""The challenge file as JSON Schema, made from the models that read it: editors complete and check by it. Pure."""

from __future__ import annotations

from typing import Any

from assay.challenges.schema import ChallengeFile
from evaluators.contract.catalogue import catalogue
from evaluators.contract.tasks import CLASS

#: where the site serves it; the number is the file's own `schema: 1`
SCHEMA_PATH = "/schema/challenge-1.json"
_BYTES = r"^\s*\d+(\.\d+)?\s*(B|KiB|MiB|GiB|TiB)?\s*$"
_SECONDS = r"^\s*\d+(\.\d+)?\s*(s|min|h|d)?\s*$"
_QUANTITIES = {
    "time": _SECONDS, "case_time": _SECONDS,
    "memory": _BYTES, "shm": _BYTES, "tmp": _BYTES, "output": _BYTES, "image": _BYTES,
}  # fmt: skip


def challenge_schema(*, site: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12). site: whose address its `$id` begins with.

    It knows the keys, words and quantities of this release. What needs the whole file or the site (overlapping phases,
    datasets, accounts) is told by `assay challenge lint`.
    """
    schema = ChallengeFile.model_json_schema(by_alias=True)
    forms: dict[str, Any] = schema["$defs"]
    _limits(forms["Limits"]["properties"])
    _columns(forms["MetricUse"])
    _strata(forms["StratumSpec"]["properties"])
    known = catalogue().kinds
    task = forms["TaskFile"]["properties"]
    task["kind"] |= {"enum": sorted(known)}
    task["layout"] |= {"enum": sorted({name for kind in known.values() for name in kind.layouts})}
    formats = sorted({name for kind in known.values() for name in kind.formats})
    forms["OutputFormat"]["properties"]["formats"]["items"] = {"type": "string", "enum": formats}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{site.rstrip('/')}{SCHEMA_PATH}",
        **schema,
        "title": "Challenge file",
    }


def _limits(properties: dict[str, Any]) -> None:
    """Quantities are written with a unit, or as a whole number of bytes or seconds."""
    for name, pattern in _QUANTITIES.items():
        told = {key: properties[name][key] for key in ("description", "default", "title") if key in properties[name]}
        properties[name] = {
            **told,
            "anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": pattern}],
        }
        if name == "case_time":
            properties[name]["anyOf"].append({"type": "null"})


def _columns(form: dict[str, Any]) -> None:
    """Options stand flat beside the metric."""
    found = catalogue()
    metrics = sorted({name for kind in found.kinds.values() for name in kind.metrics})
    options: dict[str, list[str] | None] = {CLASS: None}
    for kind in found.kinds.values():
        for name, choice in kind.options.items():
            options[name] = [*(options.get(name) or []), *choice.values]
    for metric in metrics:
        for name in found.metrics[metric].options:
            options.setdefault(name, None)
    properties = form["properties"]
    del properties["options"]
    properties["metric"] |= {"enum": metrics}
    for name, values in options.items():
        enum = {"enum": sorted(set(values))} if values and not _own(name) else {"type": ["string", "number"]}
        properties.setdefault(name, enum)
    form["required"] = ["metric"]


def _own(name: str) -> bool:
    """Whether a metric has an option of this name, with values of its own."""
    return any(name in spec.options for spec in catalogue().metrics.values())


def _strata(properties: dict[str, Any]) -> None:
    """`values: [4, 8, 10]` is short for each value being its own title."""
    short = {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1}
    titled = {"type": "object", "additionalProperties": {"type": ["string", "number"]}, "minProperties": 1}
    properties["values"] = {"description": properties["values"]["description"], "anyOf": [short, titled]}
