"""The command line: `python -m relay`."""

import asyncio
import gc
import logging
import os
import signal
import sys

import click

from relay import __version__
from relay.app import NoPlace, Relay
from relay.settings import BadSettings, Settings, describe, table, unknown

try:
    from uvloop import new_event_loop
except ImportError:  # there is none for Windows
    from asyncio import new_event_loop  # type: ignore[assignment]

_log = logging.getLogger(__name__)


@click.command(
    help="Forward audio and video between LiveKit clients until SIGTERM or SIGINT. Settings are environment variables:",
    epilog="\b\n" + describe().replace("\n", "\n\b\n").replace("\b\n    ", "    "),
)
@click.version_option(__version__, prog_name="relay")
@click.option("--settings", "shows_settings", is_flag=True, help="Print the settings as a Markdown table and exit.")
def main(*, shows_settings: bool) -> None:
    if shows_settings:
        print(table())
        return
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings.from_env(os.environ)
    except BadSettings as error:
        raise click.ClickException(str(error)) from error
    for name in unknown(os.environ):
        _log.warning("%s is no setting of the relay", name)
    try:
        # One that costs less for each wake-up: media is thousands of them a second.
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_run(settings))
    except NoPlace as error:
        raise click.ClickException(str(error)) from error


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    relay = Relay(settings)
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again and again would stop all media for 15 ms each time
    await relay.serve(stop, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
