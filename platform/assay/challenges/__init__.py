"""Challenges, tasks and phases, described by one file."""
