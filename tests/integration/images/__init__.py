"""The local images, built and looked into with the real engine."""
