"""A ranking of a table on this machine: what `assay rank` reads, and what it answers, by the site's own functions."""
