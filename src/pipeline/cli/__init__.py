"""Parse arguments, call a command, show its value, exit. Knows no SQL."""
