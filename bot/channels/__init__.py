"""Channels translate between a chat platform and our messages, nothing else."""
