"""Names of things. Each is an opaque string; none carries a meaning, an order or a date."""

from typing import NewType

PersonId = NewType("PersonId", str)
"""A human being who may hold an account, a post and a seat. The same id in every slice."""
BodyId = NewType("BodyId", str)
TermId = NewType("TermId", str)
PostId = NewType("PostId", str)
MembershipId = NewType("MembershipId", str)
ProfileId = NewType("ProfileId", str)
MeetingId = NewType("MeetingId", str)
ItemId = NewType("ItemId", str)
PaperId = NewType("PaperId", str)
AttachmentId = NewType("AttachmentId", str)
"""A PDF that goes with an opinion on a ballot."""
TurnId = NewType("TurnId", str)
QuestionId = NewType("QuestionId", str)
PlanId = NewType("PlanId", str)
IncidentId = NewType("IncidentId", str)
StrawPollId = NewType("StrawPollId", str)
RecordingId = NewType("RecordingId", str)
SlipId = NewType("SlipId", str)
OpinionId = NewType("OpinionId", str)
MinutesId = NewType("MinutesId", str)
SessionId = NewType("SessionId", str)
"""A sign-in session's row; the cookie's secret itself is never stored."""
