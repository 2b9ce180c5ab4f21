"""Maps of relaxation times from series of weighted images, compiled."""

from evaluators.relaxometry.series import BadSeries
from evaluators.relaxometry.t1 import T1Maps, fit_t1
from evaluators.relaxometry.t2 import T2Maps, fit_t2

__all__ = ["BadSeries", "T1Maps", "T2Maps", "fit_t1", "fit_t2"]
