"""Through the whole door: command, API, queue, worker, real engine, scorer, board."""
