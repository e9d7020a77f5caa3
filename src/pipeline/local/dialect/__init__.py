"""Snowflake's SQL rewritten into DuckDB's, one theme a file."""
