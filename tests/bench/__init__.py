"""Measurements: how well and how fast messages are understood."""
