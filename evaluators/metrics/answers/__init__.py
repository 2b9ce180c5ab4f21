"""Free text against the right option: what was answered, and whether it is right."""
