"""What the register shows on the wire. Pure; the fields are those of docs/protocol.md."""

from collections.abc import Sequence

from typing_extensions import TypedDict

from ecabinet.kernel.access import Role
from ecabinet.kernel.ids import PersonId

from .kinds import KindEntry, kinds_of_vote
from .model import Body, Lang, Membership, Paragraph, RuleProfile
from .offers import OffersEntry, offers


class ParagraphEntry(TypedDict):
    """One rule in words."""

    heading: str
    sentence: str
    article: str


class ProfileEntry(OffersEntry):
    """The rules a body works under, and what they offer."""

    id: str
    name: str
    is_binding: bool
    effective: str
    words: list[ParagraphEntry]
    votes: list[KindEntry]


class MemberEntry(TypedDict):
    """Someone in office."""

    person: str
    name: str
    post: str
    order: int


class BodyEntry(TypedDict):
    """A body with its members and its rules."""

    id: str
    name: str
    unit: str
    salutation: str
    members: list[MemberEntry]
    profile: ProfileEntry


class PersonEntry(TypedDict):
    """Someone who can be asked to a meeting."""

    person: str
    name: str
    post: str


class PeopleEntry(TypedDict):
    """Everyone who can be asked to a meeting."""

    people: list[PersonEntry]


class MyBodyEntry(TypedDict):
    """A body I sit in or prepare for."""

    id: str
    name: str
    unit: str
    roles: list[str]
    salutation: str


class MeEntry(TypedDict):
    """Who I am."""

    person: str
    name: str
    username: str
    is_admin: bool
    bodies: list[MyBodyEntry]


def body_entry(body: Body, members: Sequence[Membership], profile: ProfileEntry, lang: Lang) -> BodyEntry:
    """A body with its members, in order of protocol, and its rules in words."""
    return {
        "id": body.id,
        "name": body_name(body, lang),
        "unit": body.unit,
        "salutation": body.salutation,
        "members": [
            {"person": each.person, "name": each.name, "post": each.title.of(lang), "order": each.order}
            for each in members
        ],
        "profile": profile,
    }


def profile_entry(profile: RuleProfile, paragraphs: Sequence[Paragraph], lang: Lang) -> ProfileEntry:
    """The rules in words. What is still to be checked about a source stands beside its article.

    paragraphs  the profile said in that language (`phrases.profile_in_words`)
    """
    words: list[ParagraphEntry] = [
        {
            "heading": each.heading,
            "sentence": each.sentence,
            "article": f"{each.article} ({each.note})" if each.note else each.article,
        }
        for each in paragraphs
    ]
    return {
        "id": profile.id,
        "name": profile.name.of(lang),
        "is_binding": profile.binding,
        "effective": profile.effective.isoformat(),
        "words": words,
        "votes": kinds_of_vote(profile, lang),
        **offers(profile, lang),
    }


def people_entry(names: dict[PersonId, str], members: Sequence[Membership], lang: Lang) -> PeopleEntry:
    """Members first, by protocol, under the name the body writes; then everybody else by name, without a post."""
    seated: list[PersonEntry] = [
        {"person": each.person, "name": each.name, "post": each.title.of(lang)} for each in members
    ]
    known = {each["person"] for each in seated}
    others: list[PersonEntry] = [
        {"person": person, "name": name, "post": ""}
        for person, name in sorted(names.items(), key=lambda pair: (pair[1], pair[0]))
        if person not in known
    ]
    return {"people": seated + others}


def my_body_entry(body: Body, roles: frozenset[Role], lang: Lang) -> MyBodyEntry:
    """A body as its member or secretary sees it in the list."""
    return {
        "id": body.id,
        "name": body_name(body, lang),
        "unit": body.unit,
        "roles": sorted(role.value for role in roles),
        "salutation": body.salutation,
    }


def body_name(body: Body, lang: Lang) -> str:
    """The body's name in one language."""
    return body.name if lang is Lang.VI else body.name_en
