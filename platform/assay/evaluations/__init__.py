"""Evaluations: states, leases, case scores, transition log; the worker API."""
