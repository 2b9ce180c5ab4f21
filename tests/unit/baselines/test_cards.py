"""The cards of the baselines are the site's, and what can be counted in them is counted."""

from __future__ import annotations

import pytest

from baselines.cards import MARK, answers_of, with_counted
from baselines.table import FOLDER, documents, tables
from evaluators.contract.cards import FIELDS, answer_text


@pytest.mark.parametrize("folder", documents())
def test_a_card_answers_every_question_that_is_about_its_method(folder: str) -> None:
    # the floor of all boards has no paper
    wanted = [field.key for field in FIELDS if field.key != "paper" or documents()[folder]["paper"]]
    assert list(answers_of(folder)) == wanted


@pytest.mark.parametrize("folder", documents())
def test_what_is_counted_is_of_the_committed_weights(folder: str) -> None:
    text = (FOLDER / folder / "card.yaml").read_text(encoding="utf-8")
    assert with_counted(text, folder=folder, document=documents()[folder]) == text, "run python -m baselines.cards"
    assert "parameters" not in text.partition(MARK)[0]


def test_a_card_and_the_table_count_the_same_network() -> None:
    (line,) = [line for line in tables().splitlines() if line.startswith("| [E2E-VarNet]")]
    assert f"| {answer_text('parameters', answers_of('e2e_varnet')['parameters'])} |" in line


def test_of_a_file_with_rivals_only_the_methods_own_networks_count() -> None:
    # network A and the refiner behind it, of seven networks
    assert 109_817 < int(answers_of("topology_refinement")["parameters"]) < 300_000
