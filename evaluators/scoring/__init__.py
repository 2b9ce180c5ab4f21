"""The only place where readers, tasks, metrics and references meet. Runs inside the scorer container, or as a plain process."""
