"""The result for people."""

from typing import Any, Final

from tests.bench.relaying.measuring import Run

SERVERS: Final = ("relay", "relay-python", "mediarelay", "janus", "janus-1", "janus-2", "livekit")

_COLUMNS: Final = (
    f"{'server':<13}{'load':<12}{'people':>7}{'out/s':>9}{'µs/packet':>11}{'core':>7}{'p50 ms':>9}{'p99 ms':>9}"
    f"{'loss':>9}{'kB each':>9}{'lag p99':>9}{'clients':>9}{'others':>8}  notes"
)


def heading(machine: dict[str, Any]) -> str:
    """What stands above the rows."""
    loads = " ".join(str(one) for one in machine["load_average"])
    where = f"{machine['cores']} x {machine['cpu']}, Linux {machine['kernel']}, Python {machine['python']}"
    return f"{where}; load average {loads}\n{_COLUMNS}"


def row(run: Run) -> str:
    """One line; a dash for what there is no figure of."""
    delay = run.delay_ms or {}
    lag = run.loop_lag_ms or {}
    notes = []
    if run.limited_by:
        notes.append(f"limited by the {run.limited_by}")
    if run.undecryptable:
        notes.append(f"{run.undecryptable} undecryptable")
    if run.client_overflow:
        notes.append(f"clients lost {run.client_overflow}")
    if run.cpu_us_per_packet is None:
        notes.append(f"{run.cpu_us_per_participant_s:.0f} µs a second each")
    if run.remark:
        notes.append(run.remark)
    return (
        f"{run.server:<13}{run.load:<12}{run.participants:>7}{run.packets_out_per_s:>9.0f}"
        f"{_number(run.cpu_us_per_packet, 11)}{run.cpu_share:>7.1%}"
        f"{_number(delay.get('p50'), 9)}{_number(delay.get('p99'), 9)}{run.loss:>9.3%}"
        f"{run.memory_kb_per_participant:>9.0f}{_number(lag.get('p99'), 9)}"
        f"{run.client_share:>9.1%}{run.others_share:>8.2f}  {', '.join(notes)}"
    )


def _number(value: float | None, width: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:>{width}.2f}"


def footing(report: dict[str, Any]) -> str:
    """What was not measured, and why."""
    lines = []
    for one in report["left_out"]:
        what = one["server"] if one["load"] is None else f"{one['server']} {one['load']}"
        lines.append(f"left out: {what}: {one['why']}")
    loads = " ".join(str(one) for one in report["machine"]["load_average_after"])
    return "\n".join([*lines, f"load average at the end {loads}"])
