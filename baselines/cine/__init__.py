"""What the three cine reconstruction baselines share: files in and out, the run over all cases, the training loop, gates."""
