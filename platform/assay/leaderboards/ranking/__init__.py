"""Pure functions from per-case values to ranks. No Django in here or above it."""
