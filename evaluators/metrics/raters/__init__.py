"""Several samples against several raters: (samples, raters) to one number a case."""
