"""The verbs: thin functions that read their options, call the kit and print."""

from __future__ import annotations
