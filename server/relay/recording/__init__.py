"""What is said and shown in a room, kept as it was sent.

In the relay: `recordings` starts and stops, `capture` listens to tracks, `writer` puts what it hears on disk, all of it
undecoded. After the stop a child, `python -m relay.recording`, writes a file per stream and composes one of them all:
codecs are loaded there and nowhere else.
"""
