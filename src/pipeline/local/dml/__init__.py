"""INSERT, UPDATE, DELETE, MERGE, TRUNCATE: rows changed with their versions, streams consumed.

Each statement becomes a query that says which rows change to what; DuckDB then applies it to the table and its history.
"""
