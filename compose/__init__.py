"""How the parts are started together: on one machine by hand (`make demo`, `make serve`) and in deployment."""
