"""The worker's loops against the real site over HTTP; only the container engine is scripted."""
