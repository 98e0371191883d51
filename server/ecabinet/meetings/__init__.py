"""Meetings: agenda, participants, phases, invitations and answers."""
