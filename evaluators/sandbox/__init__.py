"""The container engine behind one small interface. The worker is its only caller; it never opens a submitted file."""
