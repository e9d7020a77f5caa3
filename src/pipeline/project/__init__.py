"""A project's folder: its configuration, its scripts as rendered SQL, its named queries. Nothing here writes."""
