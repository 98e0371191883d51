"""Published clients, unmodified, in real browsers, against a real relay."""
