"""Zero-filled reconstruction: the floor that every method must pass."""
