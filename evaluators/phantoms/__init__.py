"""Simulated scans in the layouts of real challenges. Start in cine.py."""
