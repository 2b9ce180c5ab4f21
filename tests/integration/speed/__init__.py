"""The library's speed track and the templates, through the real engine."""
