"""Which answers to public samples a demo draws, and what it says of the others. Real checks: tests/integration."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from compose import tracks
from compose.door import Door
from compose.native import Stack, StackError
from compose.tracks import Method, Track, read_track
from compose.viewer import draw

PHASE = "cmrxrecon-2023/cine-multicoil/test"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Desk(Door):
    """A door without a site behind it, that notes who is drawn."""

    drawn: list[str]
    red: str = ""
    slow: str = ""

    def draw(self, method: Method, *, phase: str, within: float) -> bool:
        if method.folder == self.red:
            raise StackError(f"{method.title} is no good on the sample of {phase}")
        if method.folder == self.slow:
            return False
        self.drawn.append(method.folder)
        return True


@pytest.fixture
def track(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Track:
    full = read_track("kspace")
    monkeypatch.setattr(tracks, "ROOT", tmp_path)
    methods = tuple(method for method in full.methods if method.folder in {"zero_filled", "unet"})
    track = dataclasses.replace(full, entrants={PHASE: methods}, drawn={PHASE: methods})
    track.out.mkdir(parents=True)
    return track


def desk(tmp_path: Path, **how: str) -> Desk:
    return Desk(stack=Stack(var=tmp_path, work_root=tmp_path), token="none", team="team", drawn=[], **how)


def codes(track: Track) -> dict[tuple[str, str], str]:
    return {(method.title, PHASE): f"code of {method.folder}" for method in track.methods}


def test_everybody_is_drawn_once_and_again_after_a_new_submission(track: Track, tmp_path: Path) -> None:
    first = desk(tmp_path)
    assert draw(track, door=first, codes=codes(track), fresh=False) == []
    assert first.drawn == ["unet", "zero_filled"]

    second = desk(tmp_path)
    draw(track, door=second, codes={**codes(track), ("U-Net", PHASE): "another"}, fresh=False)
    assert second.drawn == ["unet"]

    third = desk(tmp_path)
    draw(track, door=third, codes=codes(track), fresh=True)
    assert third.drawn == ["unet", "zero_filled"]


def test_who_did_not_enter_is_not_drawn(track: Track, tmp_path: Path) -> None:
    door = desk(tmp_path)
    draw(track, door=door, codes={("U-Net", PHASE): "4F7Q"}, fresh=False)
    assert door.drawn == ["unet"]


def test_a_red_check_is_told_and_keeps_nobody_else_from_being_drawn(track: Track, tmp_path: Path) -> None:
    door = desk(tmp_path, red="unet")
    assert draw(track, door=door, codes=codes(track), fresh=False) == [f"U-Net is no good on the sample of {PHASE}"]
    assert door.drawn == ["zero_filled"]
    # and is tried again the next time
    again = desk(tmp_path)
    draw(track, door=again, codes=codes(track), fresh=False)
    assert again.drawn == ["unet"]


def test_whose_turn_comes_too_late_is_left_out_and_named(
    track: Track, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = desk(tmp_path, slow="unet")
    assert draw(track, door=slow, codes=codes(track), fresh=False) == []
    assert f"U-Net on {PHASE} is not drawn: {track.drawn_within} s are over" in capsys.readouterr().err

    late = desk(tmp_path)
    assert draw(dataclasses.replace(track, drawn_within=0), door=late, codes=codes(track), fresh=True) == []
    assert late.drawn == []
