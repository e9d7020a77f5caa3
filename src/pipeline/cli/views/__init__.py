"""How values look on a screen."""
