"""Where a project is deployed to: connection, session, history, lock."""
