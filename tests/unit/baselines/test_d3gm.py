"""D3GM's process keeps its measure, exactly; one whose noise is chosen apart from its drift does not."""

from __future__ import annotations

import pytest
import torch

from baselines.d3gm import laws
from baselines.d3gm.chain import Chain, Process, chain
from baselines.d3gm.laws import stationary_start, walked
from baselines.d3gm.model import Diffusion, Sampler

SPREAD = 10 / 255


def made(process: Process, *, steps: int = 100, tau: float = 2.0) -> Chain:
    return chain(process, steps=steps, spread=SPREAD, tau=tau, largest=1.0)


@pytest.mark.parametrize("process", [Process.D3GM, Process.OU])
def test_what_begins_in_the_stationary_law_stays_in_it_at_every_step(process: Process) -> None:
    walk = made(process)
    for state in walked(walk, start=stationary_start(walk)):
        assert float(state.std()) == pytest.approx(walk.start_deviation, rel=0.05)
        assert abs(float(state.mean())) < 0.02 * walk.start_deviation


def test_noise_chosen_apart_from_the_drift_leaves_its_law() -> None:
    walk = made(Process.DECOUPLED)
    shares = [float(state.std()) / walk.start_deviation for state in walked(walk, start=stationary_start(walk))]
    assert max(shares) > 1.5


@pytest.mark.parametrize("process", list(Process))
def test_the_jump_to_a_time_has_the_moments_of_the_walk_there(process: Process) -> None:
    walk, clean = made(process, steps=40), 0.5
    states = list(walked(walk, start=torch.full((200_000,), clean, dtype=torch.float64)))
    for time in (1, 10, 40):
        state = states[time - 1]
        deviation = float(walk.variance[time - 1].sqrt())
        assert float(state.mean()) == pytest.approx(clean * float(walk.kept[time - 1]), abs=0.01 * deviation)
        assert float(state.std()) == pytest.approx(deviation, rel=0.01)
        noise = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
        mean = torch.zeros_like(noise)
        jumped = walk.diffuse(mean + clean, mean=mean, time=torch.full((200_000,), time), noise=noise)
        assert float(jumped.std()) == pytest.approx(deviation, rel=0.01)
        back = walk.clean(jumped, mean=mean, time=time, noise=noise)
        torch.testing.assert_close(back, mean + clean)


def test_with_noise_tied_to_drift_a_transition_depends_on_what_is_left_alone() -> None:
    assert laws.transitions_apart(made(Process.D3GM)) < 1e-4
    assert laws.transitions_apart(made(Process.DECOUPLED)) > 1


def test_the_gates_of_the_process_hold_for_it_and_fail_a_process_whose_noise_is_chosen_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert all(gate.passed for gate in laws.gates())
    # the method's own place taken by its rival
    real = laws.process
    monkeypatch.setattr(laws, "process", lambda _, *, tau=None: real(Process.DECOUPLED, tau=tau))
    missed = [gate.name[:2] for gate in laws.gates() if not gate.passed]
    assert missed == ["a:", "b:", "c:"]


def test_twice_the_tau_halves_how_far_the_end_is_from_the_mean_in_deviations() -> None:
    distances = [
        0.5 * float(walk.kept[-1] / walk.variance[-1].sqrt())
        for walk in (made(Process.D3GM, tau=tau) for tau in (1, 2))
    ]
    assert distances == [pytest.approx(0.0638, abs=1e-3), pytest.approx(0.0319, abs=1e-3)]


@pytest.mark.parametrize("process", list(Process))
def test_cut_into_fewer_or_more_steps_a_process_has_the_same_law_at_the_same_share_of_the_way(process: Process) -> None:
    whole = made(process, steps=20)
    half, double = whole.cut(10), whole.cut(40)
    assert (half.steps, double.steps) == (10, 40)
    for values in ("kept", "variance"):
        torch.testing.assert_close(getattr(half, values), getattr(whole, values)[1::2])
        torch.testing.assert_close(getattr(double, values)[1::2], getattr(whole, values))
    # what lies between two steps lies between their laws
    assert (double.variance.diff() > 0).all() or process.startswith("decoupled")
    assert half.cut(20).decay.shape == whole.decay.shape
    torch.testing.assert_close(half.cut(20).kept[1::2], half.kept)


class Oracle(Diffusion):
    """Knows the clean image, and so the noise in every state."""

    clean: torch.Tensor

    def noise(self, state: torch.Tensor, *, mean: torch.Tensor, time: int, walk: Chain) -> torch.Tensor:
        return walk.implied(state, mean=mean, time=time, clean=self.clean)


@pytest.mark.parametrize("process", list(Process))
@pytest.mark.parametrize(
    ("sampler", "steps", "within"), [("posterior", 20, 1e-4), ("posterior", 7, 1e-4), ("euler", 400, 0.02)]
)
def test_a_sampler_that_is_told_the_true_noise_arrives_at_the_clean_image(
    process: Process, sampler: str, steps: int, within: float
) -> None:
    diffusion = Oracle(process=process, channels=8, levels=2, patch=1, steps=20, spread=SPREAD, tau=2.0, largest=1.0)
    diffusion.clean = torch.rand(1, 2, 12, 8, generator=torch.Generator().manual_seed(3))
    mean = 0.7 * diffusion.clean
    random = torch.Generator().manual_seed(4)
    *_, found = diffusion.walk(mean, generator=random, steps=steps, sampler=Sampler(sampler))
    assert float((found - diffusion.clean).square().mean().sqrt()) < within


def test_the_noise_net_takes_any_matrix_and_begins_with_the_best_linear_guess() -> None:
    diffusion = Diffusion(process="d3gm", channels=8, levels=3, patch=2, steps=20, spread=SPREAD, tau=2.0, largest=1.0)
    random = torch.Generator().manual_seed(5)
    mean = torch.zeros(2, 2, 13, 18)
    # x_0 - mu of the deviation that the network is made for
    clean = 0.1 * torch.randn(mean.shape, generator=random)
    for time in (1, 10, 20):
        noise = torch.randn(mean.shape, generator=random)
        state = diffusion.chain.diffuse(clean, mean=mean, time=torch.tensor([time, time]), noise=noise)
        with torch.inference_mode():
            guess = diffusion.noise(state, mean=mean, time=time, walk=diffusion.chain)
        assert guess.shape == mean.shape
        # no linear guess leaves more than one that says nothing, and the correlation is what is left to explain
        left = float((guess - noise).square().mean())
        assert left < 1
        assert float((guess * (guess - noise)).mean()) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(("rival", "own"), [(Process.DECOUPLED_WIDE, Process.D3GM), (Process.DECOUPLED, Process.OU)])
def test_a_decoupled_rival_has_the_drift_and_all_the_noise_of_its_tied_partner(rival: Process, own: Process) -> None:
    apart, tied = made(rival, steps=400), made(own, steps=400)
    assert torch.equal(apart.decay, tied.decay)
    # noise of a step before anything of it decays again: 2 theta dt of the stationary variance
    strengths = [walk.step_variance * -2 * walk.decay.log() / (1 - walk.decay.square()) for walk in (apart, tied)]
    assert float(strengths[0].sum()) == pytest.approx(float(strengths[1].sum()))
    # evenly, not where the drift is
    assert float(strengths[0].std() / strengths[0].mean()) < 1e-6 < float(strengths[1].std() / strengths[1].mean())
