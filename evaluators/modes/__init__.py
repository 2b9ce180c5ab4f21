"""How a container is driven. A mode never reads an output file and never knows a metric."""
