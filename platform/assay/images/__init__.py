"""Container images: archives, static checks, digests."""
