"""A phone-like simulator in the browser, for demonstrations only."""
