"""Submissions and their quota."""
