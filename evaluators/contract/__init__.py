"""What site and worker both speak, versioned. Pure data and pure functions: no I/O, no Django, no Docker, no torch."""
