"""Small pictures of public sample cases, for people to look at."""
