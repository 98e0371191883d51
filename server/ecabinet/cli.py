"""The command line: parsing and exit codes only. 0: done; 1: refused, or the record does not hold; 2: used wrongly."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ecabinet import __version__
from ecabinet.kernel.errors import Refusal
from ecabinet.register.model import Lang, Matter, Meaning, RuleProfile
from ecabinet.settings import SettingInvalid, Settings
from ecabinet.voting.model import BallotPapers, Levels, Numbers, Side, Strength


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


@commands.command(help="What a body's rule makes of the numbers of a vote: the same rule that decides in the room.")
@click.option("--profile", required=True, help="Which rules: ubnd-tinh, chinh-phu, hdnd-tinh …")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Under the rules of that day; without it, today's.")
@click.option("--members", type=int, required=True, help="All members, as the profile counts them.")
@click.option("--present", type=int, required=True, help="Members with a vote who are there, without those recused.")
@click.option("--for", "votes_for", type=int, default=0, help="Votes for (tán thành).")
@click.option("--against", type=int, default=0, help="Votes against (không tán thành).")
@click.option("--abstain", type=int, default=0, help="Abstentions (không biểu quyết).")
@click.option("--other", type=int, default=0, help="Other opinions (ý kiến khác).")
@click.option("--invalid", type=int, default=0, help="Invalid ballot papers, which count among those who took part.")
@click.option("--option", "options", type=int, multiple=True, help="Votes for an alternative; once for each, in order.")
@click.option(
    "--chair",
    type=click.Choice([side.value for side in Side]),
    default="none",
    help="How the one who settles ties voted.",
)
@click.option("--remaining", type=int, help="Members left in office, where the body has shrunk.")
@click.option("--recused", type=int, default=0, help="Members withdrawn for a conflict of interest.")
@click.option("--represented", type=int, default=0, help="Absent members somebody present votes for, as their proxy.")
@click.option(
    "--matter", type=click.Choice([matter.value for matter in Matter]), help="What is decided; without it a resolution."
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
def verdict(**given: Any) -> None:
    """The outcome, the arithmetic in words, the article."""
    from ecabinet.voting import methods, told  # noqa: PLC0415

    rules = _rules(given)
    judged = methods.judge(rules, _numbers(given))
    if given["as_json"]:
        click.echo(json.dumps(told.judged_entry(rules, judged), ensure_ascii=False, indent=2))
    else:
        click.echo(told.verdict_text(judged, Lang(given["lang"])))


@commands.command(help="What the papers of an election or a confidence rating come to, by the body's own rule.")
@click.option("--profile", required=True, help="Which rules: hdnd-tinh, hoi …")
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="Under the rules of that day; without it, today's.")
@click.option("--members", type=int, required=True, help="All members, as the profile counts them.")
@click.option("--present", type=int, required=True, help="Members with a vote who are there.")
@click.option("--represented", type=int, default=0, help="Absent members somebody present votes for, as their proxy.")
@click.option("--issued", type=int, required=True, help="Papers issued (phát ra).")
@click.option("--returned", type=int, required=True, help="Papers returned (thu về).")
@click.option("--valid", type=int, required=True, help="Valid ones among them; the others are invalid.")
@click.option("--seats", type=int, help="How many are elected.")
@click.option("--candidate", "candidates", multiple=True, metavar="NAME=VOTES", help="Once for each, as on the paper.")
@click.option("--rated", "ratings", multiple=True, metavar="NAME=HIGH/MID/LOW", help="Once for each name rated.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
@click.option("--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
def tally(**given: Any) -> None:
    """Candidates with seats are an election, names with three numbers a rating."""
    from ecabinet.voting import elections, told  # noqa: PLC0415

    votes = _by_name(given["candidates"], "--candidate", 1)
    marks = _by_name(given["ratings"], "--rated", 3)
    if bool(votes) == bool(marks) or bool(votes) != (given["seats"] is not None):
        raise click.UsageError("either --candidate with --seats, or --rated")
    rules, lang = _rules(given), Lang(given["lang"])
    strength = Strength(given["members"], given["present"], represented=given["represented"])
    papers = BallotPapers(given["issued"], given["returned"], given["valid"], given["returned"] - given["valid"])
    if votes:
        counts = {name: numbers[0] for name, numbers in votes.items()}
        elected = elections.elect(rules, strength, papers, counts, given["seats"])
        entry, text = told.told_entry(rules, elected), told.election_text(elected, lang)
    else:
        rated = elections.rate(rules, strength, papers, {name: Levels(*numbers) for name, numbers in marks.items()})
        entry, text = told.told_entry(rules, rated), told.ratings_text(rated, lang)
    click.echo(json.dumps(entry, ensure_ascii=False, indent=2) if given["as_json"] else text)


def _rules(given: dict[str, Any]) -> RuleProfile:
    from ecabinet.register.profiles import shipped  # noqa: PLC0415
    from ecabinet.register.rules import local_day, profile_at  # noqa: PLC0415

    day = given["date"].date() if given["date"] else local_day(datetime.now(UTC))
    return profile_at(shipped(), given["profile"], day)


def _by_name(written: tuple[str, ...], option: str, amount: int) -> dict[str, list[int]]:
    """NAME=1/2/3 by name. Raises UsageError for what cannot be read, and for a name told twice."""
    read: dict[str, list[int]] = {}
    for each in written:
        name, _, numbers = each.rpartition("=")
        parts = numbers.split("/")
        if not name or name in read or len(parts) != amount or not all(part.isdecimal() for part in parts):
            raise click.UsageError(f"{option} {each}")
        read[name] = [int(part) for part in parts]
    return read


def _numbers(given: dict[str, Any]) -> Numbers:
    answers = {
        Meaning.FOR: given["votes_for"],
        Meaning.AGAINST: given["against"],
        Meaning.ABSTAIN: given["abstain"],
        Meaning.OTHER: given["other"],
    }
    strength = Strength(given["members"], given["present"], given["remaining"], given["recused"], given["represented"])
    return Numbers(
        strength=strength,
        matter=Matter(given["matter"]) if given["matter"] else None,
        answers=answers,
        alternatives=given["options"],
        chair=Side(given["chair"]),
        invalid=given["invalid"],
    )


@commands.command("settings-doc", help="Print docs/settings.md.")
def settings_doc() -> None:
    """Every setting with its default."""
    from ecabinet.settings import document  # noqa: PLC0415

    click.echo(document(), nl=False)


def main() -> None:
    """The ``ecabinet`` command."""
    commands(prog_name="ecabinet")
