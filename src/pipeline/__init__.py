"""SQL-first deployment for Snowflake, with an account of its own on the laptop."""

__version__ = "0.1.0"
