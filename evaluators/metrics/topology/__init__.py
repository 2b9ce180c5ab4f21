"""Holes, handles and pieces of label maps: the family `labels` too, LabelPair to one number a class (class,)."""
