"""What the baselines of brain lesions in any modality share."""
