"""U-Net on the zero-filled magnitude image."""
