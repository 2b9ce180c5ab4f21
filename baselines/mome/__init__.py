"""Mixture of modality experts."""
