"""The command line: parsing and exit codes only. 0: done; 1: refused, or the record does not hold; 2: used wrongly."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from ecabinet import __version__
from ecabinet.kernel.errors import Refusal
from ecabinet.settings import SettingInvalid, Settings


def _settings() -> Settings:
    try:
        return Settings.from_env()
    except SettingInvalid as error:
        raise click.UsageError(str(error)) from error


class _Commands(click.Group):
    """Refusals are told in one line: the code, and what is known beside it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.code} {refusal.detail or ''}".rstrip()) from refusal


@click.group(cls=_Commands, help="eCabinet: virtual meetings whose decisions stand up afterwards.")
@click.version_option(__version__, prog_name="ecabinet")
def commands() -> None:
    """All commands."""


@commands.command(help="Bring the database up to date and serve.")
def serve() -> None:
    """Until SIGTERM or Ctrl-C."""
    from ecabinet.app import serve as run  # noqa: PLC0415 (the quick commands do not load the server)

    asyncio.run(run(_settings()))


@commands.command(help="As serve; an empty database is filled with demonstration bodies, sessions and papers first.")
def demo() -> None:
    """Print the address and the accounts, then serve."""
    from ecabinet.demo.start import serve_demo  # noqa: PLC0415

    asyncio.run(serve_demo(_settings(), click.echo))


@commands.command(help="Bring the database up to date.")
def migrate() -> None:
    """And say at which revision it is."""
    from ecabinet.app import migrate as run  # noqa: PLC0415

    click.echo(asyncio.run(run(_settings())))


@commands.command(help="Found bodies and accounts from a TOML file; without it, print the form of one.")
@click.argument("plan", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def found(plan: Path | None) -> None:
    """Passwords that the file does not set are made and told once."""
    from ecabinet import founding  # noqa: PLC0415
    from ecabinet.house import House  # noqa: PLC0415

    if plan is None:
        click.echo(founding.__doc__)
        return
    wanted = founding.read_plan(plan.read_text(encoding="utf-8"))
    founded = asyncio.run(founding.found_in(House(_settings()), wanted))
    click.echo(f"{len(founded.bodies)} bodies, {len(founded.people)} accounts")
    for username, password in founded.told.items():
        click.echo(f"{username}\t{password}")


@commands.command(help="Check a meeting's exported bundle, offline.")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The published key: its hex digits or a key.pub file; without it, compare by eye.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
def verify(bundle: Path, key: str | None, lang: str) -> None:
    """In words a person understands."""
    from ecabinet.publication.offline import verify_file  # noqa: PLC0415
    from ecabinet.publication.views import report_text  # noqa: PLC0415
    from ecabinet.register.model import Lang  # noqa: PLC0415

    report = verify_file(bundle, key)
    click.echo(report_text(report, Lang(lang)))
    sys.exit(0 if report.is_accepted else 1)


@commands.command(help="Print the public key that vouches for the record, for the body to publish.")
def key() -> None:
    """As a line for --key, and in groups of four for two people to compare aloud."""
    from ecabinet.house import House  # noqa: PLC0415
    from ecabinet.ledger.notes import fingerprint, key_line  # noqa: PLC0415

    signer = House(_settings()).signer
    click.echo(key_line(signer.origin, signer.public_key))
    click.echo(fingerprint(signer.public_key))


@commands.command(help="Compute the whole record again, and hold every checkpoint ever signed against it.")
def audit() -> None:
    """Says how many entries there are, or what was changed."""
    from ecabinet.app import audit as run  # noqa: PLC0415

    click.echo(f"{asyncio.run(run(_settings()))} entries, all as they were signed")


@commands.command("settings-doc", help="Print docs/settings.md.")
def settings_doc() -> None:
    """Every setting with its default."""
    from ecabinet.settings import document  # noqa: PLC0415

    click.echo(document(), nl=False)


def main() -> None:
    """The ``ecabinet`` command."""
    commands(prog_name="ecabinet")
