"""What the reconstruction baselines of CMRxRecon 2023 share, cine and mapping: files in and out, the run over all cases, training, gates."""
