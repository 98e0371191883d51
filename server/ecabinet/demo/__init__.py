"""The demonstration: fictional bodies, sessions and papers, and a start that has something to show."""
