"""Voting: what is put to the vote, who may answer, the ballots, and what the body's rule makes of them."""
