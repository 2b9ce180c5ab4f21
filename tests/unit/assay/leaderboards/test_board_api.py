"""Boards over the API, as JSON and CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from evaluators.contract.boards import BoardOut
from tests.unit.assay.evaluations.scene import SECRETS, Scene
from tests.unit.assay.leaderboards.test_board import Board

ADDRESS = "/api/v1/boards/cine/multicoil/test"


@pytest.fixture
def board(scene: Scene) -> Board:
    """Two methods, one with a failed case."""
    board = Board(scene)
    board.enter("VarNet", ssim=0.9, failures={1: "MISSING_FILE"})
    board.enter("=SUM(A1)", ssim=0.95, baseline=True)
    return board


def test_the_board_is_read_without_signing_in(client: Client, board: Board) -> None:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert BoardOut.model_validate_json(answer.content) == board.read()


def test_a_stratum_is_asked_for_in_the_address(client: Client, board: Board) -> None:
    told = client.get(f"{ADDRESS}?stratum=af%3D8").json()
    assert told["cases"] == 4
    wrong = client.get(f"{ADDRESS}?stratum=af%3D7")
    assert (wrong.status_code, wrong.json()["error"]) == (404, "STRATUM_UNKNOWN")


@pytest.mark.parametrize("path", [ADDRESS, f"{ADDRESS}.csv"])
def test_a_board_that_is_not_public_yet_says_from_when(client: Client, board: Board, path: str) -> None:
    board.scene.phase.board_from = timezone.now() + timedelta(days=1)
    board.scene.phase.save()
    answer = client.get(path)
    assert (answer.status_code, answer.json()["error"]) == (403, "BOARD_HIDDEN")
    assert answer.json()["next"].startswith("It is published on ")


@pytest.mark.parametrize("path", ["cine/multicoil/none", "cine/none/test.csv", "none/multicoil/test"])
def test_a_board_that_does_not_exist_is_not_found(client: Client, board: Board, path: str) -> None:
    assert client.get(f"/api/v1/boards/{path}").status_code == 404


def test_the_csv_holds_every_mean_unrounded_and_leaves_missing_ones_empty(client: Client, board: Board) -> None:
    board.enter("gap", ssim=0.5, failures=dict.fromkeys((4, 5, 10, 11), "NOT_FINITE"))
    answer = client.get(f"{ADDRESS}.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "cine-multicoil-test.csv" in answer["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    told = {row["method"]: row for row in rows}
    row = board.row("VarNet")
    assert float(told["VarNet"]["ssim"]) == row.metrics["ssim"]
    assert float(told["VarNet"]["nmse af=4"]) == row.strata["af=4"]["nmse"]
    assert (told["VarNet"]["cases"], told["VarNet"]["of"], told["VarNet"]["failures"]) == ("11", "12", "MISSING_FILE:1")
    assert told["gap"]["ssim af=10"] == ""
    # a spreadsheet must not run a method's name
    assert [one["method"] for one in rows] == ["'=SUM(A1)", "VarNet", "gap"]
    assert [one["rank"] for one in rows] == ["1", "2", "3"]


@pytest.mark.parametrize("path", [ADDRESS, f"{ADDRESS}.csv"])
def test_a_board_tells_nothing_of_subjects_groups_or_references(client: Client, board: Board, path: str) -> None:
    text = client.get(path).content.decode()
    assert not [word for word in (*SECRETS, "TestSet", "P001", "case 01") if word in text]
