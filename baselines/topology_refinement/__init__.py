"""Universal topology refinement."""
