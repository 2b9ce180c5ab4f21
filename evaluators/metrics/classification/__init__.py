"""Scores of records and classes against true labels: (scores, labels), both (record, class), to one number a class."""
