"""D3GM: a mean-reverting diffusion whose drift and noise are tied, so that its stationary law is the same at every time."""
