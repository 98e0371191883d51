"""Words every slice uses. Pure: the standard library only, no clock, no chance, no input or output."""
