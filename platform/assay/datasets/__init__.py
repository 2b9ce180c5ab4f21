"""Versioned datasets, their cases, files and strata."""
