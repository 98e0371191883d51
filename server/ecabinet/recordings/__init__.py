"""Recordings: the chair decides, everybody sees and says that they know, and what comes of it is a document of the
session."""
