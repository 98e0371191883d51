"""Who is in which room, who publishes what, and who gets it. Synchronous throughout: no await, so no races."""
