"""Tasks of the local account: graphs and their rules, runs, history."""
