"""Stated probabilities against what came true: (probabilities, outcomes) to one number a dataset."""
