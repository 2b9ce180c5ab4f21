"""`assay score`: two files of any format that is read here, one number, by the same functions that score a container."""

from __future__ import annotations
