"""Who sends what nobody asked for: a program of its own, so that it does not slow down what it disturbs.

python -m tests.relay.strangers HOST PORT COUNT PER_S [BIND]
"""

import random
import socket
import sys
import time

from tests.relay.datagrams import binding_request

_SOURCES = 32
_BATCH = 50
_HELLO = bytes.fromhex("16fefd0000000000000000") + bytes(200)
_ALERT = bytes.fromhex("15feff000000000000000100020228")


def junk(chance: random.Random) -> bytes:
    """A hello, an alert, noise of every kind, or a guess at somebody's credentials."""
    first = chance.choice([0, 1, 20, 21, 22, 23, 64, 128, 144, 200, 255])
    noise = bytes([first]) + chance.randbytes(chance.randrange(0, 1200))
    guess = binding_request(f"{chance.getrandbits(64):016x}", "guess")
    return chance.choice([_HELLO, _ALERT, noise, guess, guess[: chance.randrange(1, len(guess))]])


def main(host: str, port: int, count: int, per_s: float, bind: str = "") -> None:
    """Prints how many answers came."""
    chance = random.Random(7)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sources = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(_SOURCES)]
    for source in sources:
        source.bind((bind or host, 0))
        source.setblocking(False)
    prepared = [junk(chance) for _ in range(1_000)]
    begun_s = time.monotonic()
    for sent in range(0, count, _BATCH):
        time.sleep(max(0.0, begun_s + sent / per_s - time.monotonic()))
        source = chance.choice(sources)
        for _ in range(_BATCH):
            source.sendto(chance.choice(prepared), (host, port))
    time.sleep(0.2)
    print(sum(_answers(source) for source in sources))


def _answers(source: socket.socket) -> int:
    count = 0
    try:
        while source.recv(2048):
            count += 1
    except BlockingIOError:
        return count
    return count


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), *sys.argv[5:])
