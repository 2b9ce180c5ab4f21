"""A board in a paper: a table that LaTeX takes whatever a method is called, a figure that any viewer draws, a reference."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from django.test import Client

from assay.leaderboards import services
from assay.leaderboards.latex import latex_text
from assay.leaderboards.models import Snapshot
from tests.unit.assay.evaluations.scene import NOW, Scene
from tests.unit.assay.leaderboards.test_board import Board

ADDRESS = "cine/multicoil/test"
BOARD = f"/c/{ADDRESS}/board"
HOSTILE = r"\input{/etc/passwd} 100% $x^2_1$ #1 & {a} ~ <b> \\"


@pytest.fixture
def kept(scene: Scene) -> Snapshot:
    """Two methods that cannot be told apart on two subjects, one of them with a lost case, and a baseline."""
    board = Board(scene)
    board.enter(HOSTILE, ssim=0.9, failures={1: "MISSING_FILE"})
    board.enter("KT-net", ssim=0.8, team=scene.other_team)
    board.enter("zero-filled", ssim=0.5, baseline=True)
    services.judge(phase=scene.phase, now=NOW)
    return services.publish(actor=scene.organiser, phase=scene.phase, now=NOW)


def table_of(text: str) -> list[list[str]]:
    body = text.split(r"\midrule")[1].split(r"\bottomrule", maxsplit=1)[0]
    return [line.removesuffix(r" \\").split(" & ") for line in body.strip().splitlines()]


def test_the_table_has_the_boards_rows_with_directions_ranges_and_the_best_group_bold(
    kept: Snapshot, client: Client
) -> None:
    text = client.get(f"{BOARD}/{kept.name}.tex").content.decode()
    head = text.split(r"\toprule")[1].split(r"\midrule")[0]
    assert head.strip() == r"Rank & Range & Method & Team & SSIM $\uparrow$ & NMSE $\downarrow$ \\"
    rows = table_of(text)
    told = kept.parsed().board.rows
    assert [row[0] for row in rows] == [f"{one.rank:g}" for one in told]
    # two subjects prove no difference: all are as good as the first
    assert r"\textbf{KT-net}" in rows[1]
    assert rows[1][-2:] == [r"\textbf{0.800}", r"\textbf{0.2000}"]
    assert rows[0][2].endswith(r"$\dagger$")
    assert rows[-1][2].endswith(r"$\diamond$")
    assert r"\begin{tabular}{rrllrr}" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2


def test_the_caption_names_the_snapshot_its_day_and_its_hash(kept: Snapshot, client: Client) -> None:
    text = client.get(f"{BOARD}/{kept.name}.tex").content.decode()
    caption = next(line for line in text.splitlines() if line.startswith(r"\caption"))
    assert f"Snapshot {kept.name} of 2026-06-15, sha256 {kept.sha256[:16]}" in caption
    assert "12 cases of 2 independent units" in caption
    live = client.get(f"{BOARD}.tex").content.decode()
    assert "Live board, not published" in live


def test_no_name_is_a_command(kept: Snapshot, client: Client) -> None:
    text = client.get(f"{BOARD}/{kept.name}.tex").content.decode()
    assert r"\input" not in text
    assert r"\textbackslash{}input\{/etc/passwd\} 100\% \$x\textasciicircum{}2\_1\$ \#1 \& \{a\}" in text
    unescaped = re.sub(r"\\[{}%&$#_]", "", text)
    assert unescaped.count("{") == unescaped.count("}")
    for row in table_of(text):
        assert len(re.split(r"(?<!\\) & ", " & ".join(row))) == len(row)
    assert latex_text("a\x00\u202eb\n\nc\x1b[2J") == "ab c[2J"


def test_the_figure_is_xml_that_draws_every_rank_and_runs_nothing(kept: Snapshot, client: Client) -> None:
    answer = client.get(f"{BOARD}/{kept.name}.svg")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    figure = ElementTree.fromstring(answer.content)
    marks = {element.tag.rpartition("}")[2] for element in figure.iter()}
    assert marks == {"svg", "title", "desc", "text", "line", "circle", "path"}
    texts = ["".join(element.itertext()) for element in figure.iter() if element.tag.endswith("text")]
    assert {"KT-net", "◆ zero-filled"} <= set(texts)
    assert any(kept.sha256[:16] in text for text in texts)
    assert len([one for one in figure.iter() if one.tag.endswith("circle")]) == 2
    width = float(figure.attrib["width"])
    assert all(0 <= float(one.attrib["cx"]) <= width for one in figure.iter() if one.tag.endswith("circle"))


def test_a_name_in_the_figure_is_text(scene: Scene, client: Client) -> None:
    board = Board(scene)
    board.enter("<script>alert(1)</script>\x01\u202e", ssim=0.9)
    figure = ElementTree.fromstring(client.get(f"{BOARD}.svg").content)
    assert not [element for element in figure.iter() if "script" in element.tag]
    assert "<script>alert(1)</script>" in ["".join(one.itertext()) for one in figure.iter() if one.tag.endswith("text")]


def test_a_board_without_ranks_has_a_figure_and_a_table_that_say_so(scene: Scene, client: Client) -> None:
    assert b"No method has a rank." in client.get(f"{BOARD}.svg").content
    assert table_of(client.get(f"{BOARD}.tex").content.decode()) == []


def test_the_reference_leads_to_the_page_and_its_hash(kept: Snapshot, client: Client) -> None:
    entry = client.get(f"{BOARD}/{kept.name}.bib").content.decode()
    assert entry.startswith(f"@misc{{cine-multicoil-test-{kept.name},")
    assert rf"\url{{http://127.0.0.1:8000{BOARD}/{kept.name}}}" in entry
    assert "year = {2026}" in entry
    assert "month = jun" in entry
    assert kept.sha256[:16] in entry
    assert entry.count("{") == entry.count("}")
    page = client.get(f"{BOARD}/{kept.name}").content.decode()
    assert f"@misc{{cine-multicoil-test-{kept.name}," in page


@pytest.mark.parametrize("ending", ["csv", "tex"])
def test_site_and_api_give_the_same_bytes(ending: str, kept: Snapshot, client: Client) -> None:
    api = f"/api/v1/boards/{ADDRESS}"
    assert client.get(f"{api}.{ending}").content == client.get(f"{BOARD}.{ending}").content
    stratum = "?stratum=af%3D4"
    assert client.get(f"{api}.{ending}{stratum}").content == client.get(f"{BOARD}.{ending}{stratum}").content
    of_snapshot = client.get(f"{api}/snapshots/{kept.name}.{ending}")
    assert of_snapshot.status_code == 200
    assert of_snapshot.content == client.get(f"{BOARD}/{kept.name}.{ending}").content


def test_a_form_that_nobody_writes_is_not_found(kept: Snapshot, client: Client) -> None:
    assert client.get(f"{BOARD}.doc").status_code == 404
    assert client.get(f"{BOARD}/2020-01-01-1.tex").status_code == 404


def test_the_parquet_file_holds_the_rows_with_their_types_and_says_where_they_stand(
    kept: Snapshot, client: Client
) -> None:
    answer = client.get(f"{BOARD}/{kept.name}.parquet")
    assert f"multicoil-test-{kept.name}.parquet" in answer.headers["Content-Disposition"]
    table = pq.read_table(io.BytesIO(answer.content))
    told = kept.parsed().board
    for row, one in zip(table.to_pylist(), told.rows, strict=True):
        assert (row["method"], row["team"], row["rank"]) == (one.method, one.team, one.rank)
        assert {key: row[key] for key in one.metrics} == one.metrics
        assert {f"{key} {at}": row[f"{key} {at}"] for at, means in one.strata.items() for key in means} == {
            f"{key} {at}": value for at, means in one.strata.items() for key, value in means.items()
        }
        assert (row["baseline"], dict(row["failures"]), row["cases"], row["of"]) == (
            one.baseline, one.failures, one.cases, told.cases,
        )  # fmt: skip
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert (metadata["sha256"], metadata["url"].endswith(f"{BOARD}/{kept.name}")) == (kept.sha256, True)
