"""What is drawn of a board beside its table: `read.py` reads once, every other file makes one chart of that and reads nothing."""
