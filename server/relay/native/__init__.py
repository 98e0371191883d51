"""The packet path in C, where it was built: the lowest layer, under the Python that each part of it is a twin of.

A module built from other sources than those that lie here is left aside: who updated the sources and not the module
gets slower media, not wrong media.
"""

from hashlib import sha256
from typing import Final

SOURCES: Final = ("fan_out.c", "module.c", "relay_native.h", "rtp.c", "srtp.c", "udp.c")


def digest() -> str:
    """Of the sources; the module knows that of its own."""
    whole = sha256()
    for name in SOURCES:
        with open(__file__.removesuffix("__init__.py") + name, "rb") as source:
            whole.update(source.read())
    return whole.hexdigest()


try:
    import relay_native as _built
except ImportError:
    FITS = False
else:
    FITS = digest() == getattr(_built, "SOURCES", None)
"""Whether there is a module to be used: built from these sources, and not switched off."""
