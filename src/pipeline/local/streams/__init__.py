"""Streams: what they show, where they stand, how they are made."""
