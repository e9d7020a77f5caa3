"""CREATE, ALTER and CLONE of tables and views, and their physical form."""
