"""The five tasks of Les Caves d'Albert against the same transformation written by hand in DuckDB."""
