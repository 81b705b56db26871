"""Keeps what must be kept: SQL tables, statements, migrations."""
