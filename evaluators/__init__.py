"""What a GPU box installs: worker, sandbox, scorer and what they score with. Imports no Django."""
