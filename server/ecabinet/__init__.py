"""eCabinet: who meets, about what, who may, who voted how, what was decided."""

__version__ = "0.1.0"
