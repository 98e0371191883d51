"""The command line: `python -m relay`."""

import asyncio
import logging
import os
import signal
import sys

import click

from relay import __version__
from relay.app import Relay
from relay.settings import BadSettings, Settings, describe


@click.command(
    help="Forward audio and video between LiveKit clients until SIGTERM or SIGINT. Settings are environment variables:",
    epilog="\b\n" + describe().replace("\n", "\n\b\n").replace("\b\n    ", "    "),
)
@click.version_option(__version__, prog_name="relay")
def main() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings.from_env(os.environ)
    except BadSettings as error:
        raise click.ClickException(str(error)) from error
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        relay = Relay(settings)
    except OSError as error:
        raise click.ClickException(f"media port: {error}") from error
    await relay.serve(stop, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()
