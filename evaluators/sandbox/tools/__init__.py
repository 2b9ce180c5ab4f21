"""What runs inside assay/tools beside and after a submission: standard library only, so that the image stays small."""
