"""COPY INTO, both ways: files read exactly as their format says, rows loaded in bulk, loads remembered."""
