"""`assay check`: an image run and scored on a phase's public sample, on this machine, by the code of the site's workers."""
