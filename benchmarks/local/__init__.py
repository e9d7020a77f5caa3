"""The local account's speed, as ratios in one run."""
