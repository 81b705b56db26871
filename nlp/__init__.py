"""Understands what residents write in Chinese."""
