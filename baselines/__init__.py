"""Published methods and their simple rivals, one folder a method."""
