"""What others see of a participant: name, metadata, attributes; and how much of it there may be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from livekit.protocol.models import ParticipantInfo
from livekit.protocol.rtc import JoinRequest

from relay.rooms.refusal import not_allowed, too_much
from relay.tokens import Claims

_MAX_NAME: Final = 256
_MAX_ATTRIBUTES: Final = 128
_MAX_KEY: Final = 256
"""Characters in an attribute's name."""


def check_profile(
    info: ParticipantInfo, name: str, metadata: str, attributes: Mapping[str, str], max_bytes: int
) -> None:
    """Whether a participant may be so described, with the attributes it has already; see `update_profile`.

    max_bytes  of metadata and attributes, each

    Raises Refused.
    """
    if len(name) > _MAX_NAME:
        raise too_much(f"the name has more than {_MAX_NAME} characters")
    if len(metadata.encode()) > max_bytes:
        raise too_much(f"the metadata has more than {max_bytes} bytes")
    merged = {key: value for key, value in {**info.attributes, **attributes}.items() if value}
    if len(merged) > _MAX_ATTRIBUTES:
        raise too_much(f"there are more than {_MAX_ATTRIBUTES} attributes")
    if any(len(key) > _MAX_KEY for key in merged):
        raise too_much(f"an attribute's name has more than {_MAX_KEY} characters")
    if sum(len(key.encode()) + len(value.encode()) for key, value in merged.items()) > max_bytes:
        raise too_much(f"the attributes have more than {max_bytes} bytes")


def introduced(claims: Claims, request: JoinRequest, max_bytes: int) -> Claims:
    """Who comes in: as its token says, and as it says itself where it may. Raises Refused."""
    own = {key: value for key, value in request.participant_attributes.items() if value}
    if (own or request.metadata) and not claims.permission.can_update_metadata:
        raise not_allowed("may not say its own metadata and attributes")
    attributes = {**claims.attributes, **own}
    metadata = request.metadata or claims.metadata
    check_profile(ParticipantInfo(), claims.name, metadata, attributes, max_bytes)
    return replace(claims, metadata=metadata, attributes=attributes)


def update_profile(info: ParticipantInfo, name: str, metadata: str, attributes: Mapping[str, str]) -> None:
    """Empty texts change nothing, an empty attribute is removed."""
    info.name = name or info.name
    info.metadata = metadata or info.metadata
    for key, value in attributes.items():
        if value:
            info.attributes[key] = value
        else:
            info.attributes.pop(key, None)
