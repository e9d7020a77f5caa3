"""The folder a user writes: configuration, templates, scripts."""
