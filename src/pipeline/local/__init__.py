"""A Snowflake account on this machine: Snowflake's client protocol over DuckDB."""
