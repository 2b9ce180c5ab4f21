"""End-to-end variational network with learned coil maps."""
