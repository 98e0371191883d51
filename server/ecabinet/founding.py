"""An installation's accounts and bodies from one TOML file, in one act: all of it, or nothing.

[[account]]                       # who may sign in
username = "thu-ky-1"
name = "Thư ký 1"
password = "…"                    # left out: one is made and told once
admin = false

[[body]]
name = "Tập thể Lãnh đạo Bộ"
name_en = "Ministry leadership"
unit = "Bộ Hạ tầng số và Dịch vụ công"
profile = "lanh-dao-bo"           # its rules
secretaries = ["thu-ky-1"]
term = { name = "2026-2031", since = 2026-04-01, seats = 7 }

[[body.member]]                   # in order of protocol
username = "bo-truong"
post = "Bộ trưởng"
post_en = "Minister"
votes = true
head = true
since = 2026-04-01
"""

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecabinet import migrations
from ecabinet.house import House
from ecabinet.identity.service import Identity
from ecabinet.kernel.errors import Invalid
from ecabinet.kernel.ids import BodyId, PersonId, ProfileId
from ecabinet.register.model import Body, Words
from ecabinet.register.service import Register


class PlanInvalid(Invalid):
    """The file cannot be carried out as it is; ``fields`` says where."""

    code = "plan_invalid"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountPlan(_Part):
    """Someone who may sign in."""

    username: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    name: str = Field(min_length=1, max_length=200)
    password: str | None = Field(default=None, min_length=8, max_length=256)
    admin: bool = False


class MemberPlan(_Part):
    """Someone who sits in a body."""

    username: str
    post: str = Field(min_length=1, max_length=200)
    post_en: str = Field(min_length=1, max_length=200)
    votes: bool = True
    head: bool = False
    since: date


class TermPlan(_Part):
    """The body's present term."""

    name: str = Field(min_length=1, max_length=100)
    since: date
    seats: int | None = Field(default=None, ge=1, le=2000)


class BodyPlan(_Part):
    """A body, its term, its members and who prepares its meetings."""

    name: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    unit: str = Field(min_length=1, max_length=200)
    profile: str
    salutation: str = "đồng chí"
    secretaries: list[str] = []
    term: TermPlan | None = None
    member: list[MemberPlan] = []


class Plan(_Part):
    """The whole file."""

    account: list[AccountPlan] = []
    body: list[BodyPlan] = []


@dataclass(frozen=True, slots=True)
class Founded:
    """What came of it."""

    people: Mapping[str, PersonId]
    """By username."""
    bodies: Mapping[str, BodyId]
    """By name."""
    told: Mapping[str, str]
    """Passwords that were made here, by username. They are kept nowhere else."""


def read_plan(text: str) -> Plan:
    """Raises PlanInvalid."""
    try:
        return Plan.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PlanInvalid(fields={"file": str(error)}) from error
    except ValidationError as error:
        faults = {".".join(map(str, fault["loc"])): fault["msg"] for fault in error.errors()}
        raise PlanInvalid(fields=faults) from error


async def found_in(house: House, plan: Plan) -> Founded:
    """Carry the plan out in one act, in a database that is brought up to date first. Raises as `found` does."""
    await migrations.migrate(house.database)
    try:
        return await house.uow.run(lambda act: found(plan, house.identity(act), house.register(act)))
    finally:
        await house.database.close()


async def found(plan: Plan, identity: Identity, register: Register) -> Founded:
    """Carry the plan out. Raises PlanInvalid, UsernameTaken, ProfileUnknown, HeadPostTaken, AlreadyMember."""
    people: dict[str, PersonId] = {}
    told: dict[str, str] = {}
    for account in plan.account:
        password = account.password or secrets.token_urlsafe(9)
        if account.password is None:
            told[account.username] = password
        people[account.username] = await identity.add_account(
            account.username, account.name, password, is_admin=account.admin
        )
    names = {account.username: account.name for account in plan.account}
    bodies = {body.name: await _found_body(body, people, names, register) for body in plan.body}
    return Founded(people, bodies, told)


async def _found_body(
    plan: BodyPlan, people: Mapping[str, PersonId], names: Mapping[str, str], register: Register
) -> BodyId:
    unknown = {each.username for each in plan.member} | set(plan.secretaries)
    if unknown - set(people):
        raise PlanInvalid(fields={plan.name: f"no such account: {', '.join(sorted(unknown - set(people)))}"})
    profile = ProfileId(plan.profile)
    body = await register.add_body(Body(BodyId(""), plan.name, plan.name_en, plan.unit, profile, plan.salutation))
    if plan.term is not None:
        await register.begin_term(body, plan.term.name, plan.term.since, plan.term.seats)
    for order, member in enumerate(plan.member, start=1):
        title = Words(member.post, member.post_en)
        post = await register.add_post(body, title, order, votes=member.votes, is_head=member.head)
        await register.add_member(post, people[member.username], names[member.username], member.since)
    for username in plan.secretaries:
        await register.add_secretary(body, people[username])
    return body
