"""Builds the images that baselines, scorer and sandbox run on. Standard library only: it runs before anything is installed."""
