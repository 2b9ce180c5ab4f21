"""CG-SENSE with coil maps from the scan itself: the classical rival."""
