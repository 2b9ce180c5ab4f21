"""One U-Net for every modality, the mixture's rival."""
