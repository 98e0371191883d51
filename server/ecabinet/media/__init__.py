"""The call: who may enter which room and publish what."""
