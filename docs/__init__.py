"""The user's pages, and what makes them: `python -m sphinx docs build/docs` in a checkout with netc installed."""
