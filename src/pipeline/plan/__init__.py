"""What a deploy would do, as data. Pure."""
