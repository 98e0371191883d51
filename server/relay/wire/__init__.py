"""Codecs: bytes in, values out. Pure, standard library only; the one exception that leaves them is `Malformed`."""


class Malformed(ValueError):
    """What came over the wire is not what its specification says; the sender alone bears the cost."""
