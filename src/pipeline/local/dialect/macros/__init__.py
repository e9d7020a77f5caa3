"""DuckDB macros by theme: what one expression cannot say. Each is its name and what follows it in CREATE MACRO."""
