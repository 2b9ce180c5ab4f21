"""Base templates, components, static files, help pages."""
