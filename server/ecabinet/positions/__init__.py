"""What members say of an item before the meeting comes to it."""
