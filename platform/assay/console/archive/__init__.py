"""A finished challenge as a folder of plain pages that outlives the site: no network, no script, nothing hidden."""
