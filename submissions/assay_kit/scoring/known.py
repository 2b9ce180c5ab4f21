"""Which metrics `assay score` serves, out of the catalogue: no metric is loaded for a list or for a mistyped word."""

from __future__ import annotations

from typing import Any

from assay_kit.errors import WrongUsage
from assay_kit.scoring.quantities import QUANTITIES, quantity_spec
from assay_kit.suggest import did_you_mean
from evaluators.contract.catalogue import catalogue
from evaluators.contract.metrics import Choice, Family, MetricSpec, Number

#: what an option of a task kind is when nothing is said: files at hand are scored whole, whatever part a challenge ranks
KIND_DEFAULTS = {"region": "full"}


def known_metrics() -> dict[str, MetricSpec]:
    """Key -> spec of everything that two files can be scored by, by key."""
    metrics = catalogue().metrics
    specs = {key: spec for key, spec in metrics.items() if spec.family is not Family.ANSWERS}
    specs |= {key: quantity_spec(key, error=metrics[error]) for key, (error, _) in QUANTITIES.items()}
    return dict(sorted(specs.items()))


def find(key: str) -> MetricSpec:
    """The spec under `key`. Raises WrongUsage."""
    specs = known_metrics()
    if key in specs:
        return specs[key]
    if key in catalogue().metrics:
        raise WrongUsage(
            f"{key} compares free text with the options of questions, which two files do not hold",
            next="score answers with evaluators.metrics.answers in Python",
        )
    raise WrongUsage(
        f"there is no metric {key!r}",
        code="METRIC_UNKNOWN",
        next=did_you_mean(key, list(specs)) or "assay score --list names all",
    )


def kind_options(key: str) -> dict[str, dict[str, str]]:
    """What the task kinds that line images up for a metric let a task choose: option -> value -> what it does, the default first.

    None for a metric of volumes: there a task's tissue is what --mask is here.
    """
    found: dict[str, dict[str, str]] = {}
    for offer in catalogue().kinds.values():
        if key in offer.metrics and catalogue().metrics[key].family is not Family.VOLUME:
            for name in offer.options_of(key):
                words = offer.options[name].values
                first = KIND_DEFAULTS.get(name, next(iter(words)))
                found.setdefault(name, {first: words[first], **words})
    return found


def described(spec: MetricSpec) -> dict[str, Any]:
    """One metric as `assay score --list --json` has it."""
    options = {name: _described(option) for name, option in spec.options.items()}
    options |= {name: {"values": values} for name, values in kind_options(spec.key).items()}
    return {
        "key": spec.key,
        "family": spec.family.value,
        "title": spec.title,
        "unit": spec.unit,
        "direction": spec.better.value,
        "options": options,
        "source": spec.source,
        "peer": spec.peer,
        "edge": spec.edge,
    }


def _described(option: Choice | Number) -> dict[str, Any]:
    if isinstance(option, Choice):
        return {"values": dict(option.values)}
    return {"unit": option.unit, "above": option.above, "at_most": option.at_most, "default": option.default}


def options_in_words(spec: MetricSpec) -> list[str]:
    """Each option as a table tells it: `variant=monai|medpy`, the default first."""
    words = []
    for name, option in described(spec)["options"].items():
        if "values" in option:
            words.append(f"{name}={'|'.join(option['values'])}")
        elif option["default"] is None:
            words.append(f"{name}=<{option['unit']}>")
        else:
            words.append(f"{name}={option['default']:g} {option['unit']}")
    return words


def all_about(spec: MetricSpec) -> dict[str, str]:
    """One metric in full, line by line: what a person must know before choosing a variant."""
    told = described(spec)
    lines = {name: told[name] for name in ("key", "family", "title", "unit", "direction")}
    for name, option in told["options"].items():
        flag = f"--{name.replace('_', '-')}"
        if "values" in option:
            lines |= {f"{flag} {value}": text for value, text in option["values"].items()}
        else:
            default = "needed" if option["default"] is None else f"default {option['default']:g}"
            end = "" if option["at_most"] is None else f" and at most {option['at_most']:g}"
            lines[flag] = f"a number in {option['unit']} above {option['above']:g}{end}, {default}"
    return lines | {name: told[name] for name in ("edge", "source", "peer") if told[name]}
