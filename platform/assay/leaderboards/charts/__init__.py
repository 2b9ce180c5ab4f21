"""What is drawn of a board beside its table: `read.py` and `values.py` read, every other file makes one chart of that."""
