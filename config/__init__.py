"""Settings and the rule files that officials read and change."""
