"""Shared fixtures."""

from __future__ import annotations

from tests.unit.assay.evaluations.fixtures import broker, committed_scene, scene

__all__ = ["broker", "committed_scene", "scene"]
