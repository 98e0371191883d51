"""Register: bodies, terms, posts and memberships with dates, and the rules each body works under."""
