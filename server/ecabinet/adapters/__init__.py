"""The outside: database, files, time, chance, the media server. Tied to no slice."""
