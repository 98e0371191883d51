"""Minutes: what the record says of a meeting, in the form the law prescribes."""
