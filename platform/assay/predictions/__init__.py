"""Archives of result files as teams send them."""
