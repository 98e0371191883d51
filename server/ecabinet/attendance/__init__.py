"""Who is there: live connections, the roll call, and whether enough members are."""
