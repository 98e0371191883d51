"""Votes taken in the hall: shows of hands written down by two, paper ballots counted by an elected board."""
