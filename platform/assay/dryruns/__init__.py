"""Dry runs: an organiser tries the scorer of a phase before teams meet it."""
