"""The functions by theme; each rule is found in the registry by the function's name."""
