"""Holes, handles and pieces of label maps: the family `labels` too, LabelPair to one number a class (class,)."""

from evaluators.metrics.topology.betti import betti_numbers, euler_number
from evaluators.metrics.topology.betti_error import betti_error, euler_error
from evaluators.metrics.topology.betti_matching import betti_matching
from evaluators.metrics.topology.cldice import cldice
from evaluators.metrics.topology.thinning import skeleton

__all__ = ["betti_error", "betti_matching", "betti_numbers", "cldice", "euler_error", "euler_number", "skeleton"]
