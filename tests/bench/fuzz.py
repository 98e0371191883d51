"""Fuzzing, led by coverage, of every way in which bytes come into the relay.

    python -m tests.bench.fuzz [--json] [--seconds N] [--mouth NAME] [--corpus FOLDER]

Each mouth (tests/relay/mouths.py) is fed for so long in a process of its own, beginning with what real clients sent. An
exception that leaves a mouth ends its run: the input is kept in the corpus folder and the command fails. Memory is the
process's own, after a tenth of the time and at the end: it must stay flat.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FLAT_MB: Final = 64
"""Growth above this is a leak; coverage tables and the fuzzer's own corpus take some."""


@dataclass(frozen=True)
class Figures:
    mouth: str
    executions: int
    per_s: int
    edges: int
    """Places in the code that were reached."""
    early_mb: int
    end_mb: int
    failure: str
    """What was raised, and where; empty when nothing was."""

    @property
    def is_sound(self) -> bool:
        return not self.failure and self.end_mb - self.early_mb <= FLAT_MB


def fuzz(name: str, seconds: int, corpus: Path) -> Figures:
    """Feed one mouth in a child, which libFuzzer ends by itself."""
    kept = corpus / name
    kept.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "tests.bench.fuzz",
        "--feed",
        name,
        "--corpus",
        str(corpus),
        "--seconds",
        str(seconds),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said = done.stderr + done.stdout
    pulses = re.findall(r"#(\d+)\s+\S+\s+cov: (\d+).*?exec/s: (\d+) rss: (\d+)Mb", said)
    early = pulses[len(pulses) // 10] if pulses else ("0", "0", "0", "0")
    last = pulses[-1] if pulses else early
    failure = ""
    if done.returncode:
        raised = re.findall(r"^(?:\w+\.)*\w*(?:Error|Exception|Malformed|Iteration)\b.*$", said, re.M)
        failure = raised[-1] if raised else said.strip()[-300:]
    executions = re.search(r"Done (\d+) runs", said)
    total = int(executions[1]) if executions else int(last[0])
    return Figures(name, total, total // seconds, int(last[1]), int(early[3]), int(last[3]), failure)


def feed(name: str, seconds: int, corpus: Path) -> None:
    """In the child: never returns."""
    import atheris

    with atheris.instrument_imports(include=["relay"]):
        from tests.relay.mouths import mouths

    mouth = next(mouth for mouth in mouths() if mouth.name == name)
    kept = corpus / name
    for number, seed in enumerate(mouth.seeds):
        (kept / f"seed-{number:03}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", "-rss_limit_mb=1024", "-max_len=65536", f"-artifact_prefix={kept}/"]
    atheris.Setup([sys.argv[0], str(kept), *options], mouth.feed)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--seconds", type=int, default=30, help="for each mouth")
    parser.add_argument("--mouth", help="only this one")
    parser.add_argument("--corpus", type=Path, help="folder for inputs that reached something new; kept between runs")
    parser.add_argument("--feed", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.feed:
        feed(options.feed, options.seconds, options.corpus)
    sys.path[:0] = [str(ROOT), str(ROOT / "server")]
    from tests.relay.mouths import mouths

    names = [mouth.name for mouth in mouths() if options.mouth in (None, mouth.name)]
    with tempfile.TemporaryDirectory() as folder:
        corpus = options.corpus or Path(folder)
        if not options.json:
            print(f"{'mouth':<14}{'executions':>12}{'per s':>8}{'edges':>7}{'MB early':>10}{'MB end':>8}  raised")
        runs = []
        for name in names:
            run = fuzz(name, options.seconds, corpus)
            runs.append(run)
            if not options.json:
                print(
                    f"{run.mouth:<14}{run.executions:>12}{run.per_s:>8}{run.edges:>7}{run.early_mb:>10}{run.end_mb:>8}"
                    f"  {run.failure or 'nothing'}",
                    flush=True,
                )
    if options.json:
        print(json.dumps({"runs": [asdict(run) for run in runs]}))
    sys.exit(not all(run.is_sound for run in runs))


if __name__ == "__main__":
    main()
