"""The organiser's console: re-scores, the funnel, news, mail, and the archive of a finished challenge."""
