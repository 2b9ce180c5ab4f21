"""L+S with coil maps from the scan itself: the classical rival that uses time."""
