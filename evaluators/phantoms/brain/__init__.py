"""Heads with lesions in five MR modalities: simulated ones, and the real average head that nilearn ships with its tissue maps."""
