"""Thin connected structures with known Betti numbers: vessel trees, closed rings, cell borders, and one real retina."""
