"""Images with label maps on their grid: trees of NIfTI files of real challenges."""
