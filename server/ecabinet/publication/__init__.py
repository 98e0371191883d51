"""What leaves the house: a meeting's record as a bundle that anyone can check without us."""
