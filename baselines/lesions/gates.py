"""Acceptance gates of the brain lesions: three seeds of mixture and rivals on heads nobody trained on.

python -m baselines.lesions.gates             measures all; trains what is missing in var/lesions
python -m baselines.lesions.gates --record    also writes what was measured into both baseline.yaml
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import fmean

import torch
from torch import nn

from baselines.cine.network import load_weights, save_weights
from baselines.cine.training import ROOT
from baselines.lesions import report
from baselines.lesions.data import GATE_SEED, Case, Images, batches, cases
from baselines.lesions.measure import Scores, dice_of, gate_shares, means
from baselines.lesions.training import GRIDS, Run, images_of, note_of, sizes_of, train
from baselines.lesions.volumes import Network
from baselines.mome.infer import mixture
from baselines.mome.model import MODALITIES, MoME
from baselines.mome.train import RECIPE as MOME
from baselines.mome.train import find_best, together, train_experts, train_jointly
from baselines.unet_lesions.infer import single
from baselines.unet_lesions.train import RECIPE as UNET
from evaluators.phantoms.brain.heads import HeadSet

SEEDS = (0, 1, 2)
#: group -> (kind of heads, of the atlas, how many); gates are judged on the first, the others are told
GROUPS: Mapping[str, tuple[HeadSet, bool, int]] = {
    "seen": (HeadSet.SEEN, False, 12),
    "real": (HeadSet.SEEN, True, 3),
    "unseen-scanner": (HeadSet.UNSEEN_SCANNER, False, 3),
    "unseen-lesion": (HeadSet.UNSEEN_LESION, False, 3),
}
