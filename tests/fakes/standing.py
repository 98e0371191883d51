"""Puts the one meeting of `gathering` into a database, for the stores that name it."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.database import metadata
from ecabinet.identity.model import Account
from ecabinet.identity.sql import SqlAccounts
from ecabinet.meetings.model import Meeting
from ecabinet.meetings.sql import SqlMeetings


async def put_meeting(connection: AsyncConnection, meeting: Meeting) -> None:
    """The meeting with its body and its people."""
    body = {"id": meeting.body, "name": "B", "name_en": "B", "unit": "U", "profile": "p", "salutation": "đồng chí"}
    await connection.execute(insert(metadata.tables["body"]).values(**body))
    for each in meeting.participants:
        await SqlAccounts(connection).add(Account(each.person, each.person, each.name, ""))
    await SqlMeetings(connection).add(meeting)
