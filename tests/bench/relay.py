"""What forwarding a packet costs: our relay, aiortc's MediaRelay, Debian's Janus and LiveKit servers side by side.

    python -m tests.bench.relay [--json] [--server NAME] [--load NAME] [--seconds N] [--livekit PATH] ...

See server/docs/benchmarks.md for what is measured and how to read it.
"""

import argparse
import asyncio
import gc
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "server")]

from tests.bench.relaying import figures, janus, mediarelay, table  # noqa: E402
from tests.bench.relaying.livekit import livekit_server, our_relay  # noqa: E402
from tests.bench.relaying.loads import LOADS, Load  # noqa: E402
from tests.bench.relaying.measuring import Run, measure  # noqa: E402
from tests.bench.relaying.participant import NotApplicable, Server  # noqa: E402

Opening = Callable[[], AbstractAsyncContextManager[Server]]
Row = tuple[str, Run | str]
"""A server, and its figures or why there are none."""


def servers(options: argparse.Namespace) -> tuple[dict[str, Opening], dict[str, str]]:
    """Those that can be measured here, and for the others why not."""
    found: dict[str, Opening] = {"relay": our_relay}
    left_out: dict[str, str] = {}
    if importlib.util.find_spec("relay_native"):
        found["relay-python"] = partial(our_relay, "0")
    else:
        left_out["relay-python"] = "it is what `relay` is here: the native path was not built"
    found["mediarelay"] = mediarelay.media_relay
    if janus.binary():
        loops = {"janus": 0, "janus-1": 1, "janus-2": 2}
        found |= {name: partial(janus.janus, number) for name, number in loops.items()}
    else:
        left_out["janus"] = "it is not installed (on Debian: apt-get install janus)"
    if options.livekit:
        found["livekit"] = lambda: livekit_server(options.livekit)
    else:
        left_out["livekit"] = "no binary was named with --livekit"
    return found, left_out


def chosen(options: argparse.Namespace, found: dict[str, Opening]) -> Iterator[tuple[Load, list[str]]]:
    """The loads, each with the servers it is put on: what is compared lies close in time."""
    for load in LOADS:
        if load.name not in options.load if options.load else load.extra:
            continue
        sized = replace(load, receivers=options.receivers) if options.receivers and load.receivers else load
        asked = options.server or (["relay"] if load.extra else list(found))
        yield sized, [name for name in found if name in asked]


def attempts(names: list[str], load: Load, found: dict[str, Opening], options: argparse.Namespace) -> Iterator[Row]:
    """A row of each server: the median of its attempts by what a packet costs, all servers in turn each time."""
    runs: dict[str, list[Run]] = {name: [] for name in names}
    failures: dict[str, str] = {}
    for _ in range(options.repeat):
        for name in [name for name in names if name not in failures]:
            sized = mediarelay.within_reach(load) if name == "mediarelay" else load
            run = attempt(name, found[name], sized, options.seconds)
            gc.collect()
            if isinstance(run, str):
                failures[name] = run
            else:
                runs[name].append(run)
    for name in names:
        ranked = sorted(runs[name], key=lambda run: run.cpu_us_per_participant_s / max(1, run.packets_out))
        yield name, failures.get(name) or ranked[len(ranked) // 2]


def attempt(name: str, opening: Opening, load: Load, seconds: float) -> Run | str:
    """The row, or why there is none: a server that does not bear a load must not hide the others."""
    reasons: list[str] = []
    run: Run | None = None
    try:
        run = asyncio.run(measure(name, opening(), load, seconds))
    except* (OSError, aiohttp.ClientError, NotApplicable) as group:
        reasons = [str(error) or type(error).__name__ for error in leaves(group)]
    return run or "; ".join(dict.fromkeys(reasons))


def leaves(group: BaseExceptionGroup[Exception]) -> Iterator[BaseException]:
    """The exceptions in a tree of groups."""
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from leaves(one)
        else:
            yield one


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--server", action="append", choices=table.SERVERS, help="only this one; may be repeated")
    parser.add_argument(
        "--load", action="append", choices=[load.name for load in LOADS], help="only this one; may be repeated"
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="measured time of each load")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="tell the median of so many attempts")
    parser.add_argument("--receivers", type=int, help="how many receive, where a load has receivers only")
    parser.add_argument("--livekit", metavar="PATH", help="a LiveKit server's binary to be measured too")
    options = parser.parse_args()
    os.environ.setdefault("PYTHONHASHSEED", "0")
    found, left_out = servers(options)
    report: dict[str, Any] = {"runs": [], "left_out": [], "machine": figures.machine()}
    if not options.json:
        print(table.heading(report["machine"]), flush=True)
    gc.disable()  # a pause of the clients is not the server's delay
    for load, names in chosen(options, found):
        for name, run in attempts(names, load, found, options):
            if isinstance(run, str):
                report["left_out"].append({"server": name, "load": load.name, "why": run})
                continue
            report["runs"].append(asdict(run))
            if not options.json:
                print(table.row(run), flush=True)
    report["left_out"] += [
        {"server": name, "load": None, "why": why}
        for name, why in left_out.items()
        if not options.server or name in options.server
    ]
    report["machine"]["load_average_after"] = [round(one, 2) for one in os.getloadavg()]
    print(json.dumps(report) if options.json else table.footing(report))
    if any(one["server"] == "relay" for one in report["left_out"]):
        sys.exit(1)


if __name__ == "__main__":
    main()
