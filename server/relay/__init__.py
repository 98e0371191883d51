"""A media relay that forwards audio and video between unmodified LiveKit clients.

It knows rooms, participants and tracks, and nothing of meetings. It runs alone: `python -m relay --help`.
"""

__version__ = "0.1.0"
