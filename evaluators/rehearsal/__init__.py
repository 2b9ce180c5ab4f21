"""Writes the perfect answer of a task from its references. Runs inside the scorer's image, beside and never inside scoring."""
