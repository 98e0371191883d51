"""Access tokens: who comes in, under which name, with which rights.

LiveKit's JWTs: HS256 and nothing else, signed with the API secret, the key id as issuer, valid in a span of time.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jwt
from livekit.protocol.models import TrackSource

from relay.rooms.permission import Permission

_ALGORITHM: Final = "HS256"
_LEEWAY_S: Final = 10
"""How far the clocks of the minting application and ours may differ."""
_MAX_LENGTH: Final = 16_384
RENEWED_S: Final = 600
"""A renewed token is good for twice the time between two renewals."""
_SOURCES: Final = {
    "camera": TrackSource.CAMERA,
    "microphone": TrackSource.MICROPHONE,
    "screen_share": TrackSource.SCREEN_SHARE,
    "screen_share_audio": TrackSource.SCREEN_SHARE_AUDIO,
}


Keys = Mapping[str, str]
"""Id of a key -> the key itself."""


class BadToken(Exception):
    """The token does not open anything; the reason is for the log, not for the caller."""


@dataclass(frozen=True, slots=True)
class Claims:
    identity: str
    name: str
    metadata: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    room: str = ""
    room_join: bool = False
    room_admin: bool = False
    room_create: bool = False
    room_list: bool = False
    room_record: bool = False
    permission: Permission = field(default_factory=Permission)
    key: str = ""
    """Id of the key that the token is signed with."""
    not_before_s: int = 0
    """When the token began to be valid: some moment after it was minted, seconds since 1970."""


def verify(token: str, keys: Keys) -> Claims:
    """Raises BadToken."""
    if not token or len(token) > _MAX_LENGTH:
        raise BadToken("absent or too long")
    try:
        key = jwt.decode(token, options={"verify_signature": False}).get("iss")
        if not isinstance(key, str) or key not in keys:
            raise BadToken("signed with a key that is not ours")
        claims = jwt.decode(
            token,
            keys[key],
            algorithms=[_ALGORITHM],
            issuer=key,
            leeway=_LEEWAY_S,
            options={"require": ["exp", "nbf", "iss"]},
        )
    except jwt.PyJWTError as error:
        raise BadToken(str(error)) from error
    return _claims(claims)


def _claims(claims: Mapping[str, Any]) -> Claims:
    video = claims.get("video") or {}
    attributes = claims.get("attributes") or {}
    if not isinstance(video, dict) or not isinstance(attributes, dict):
        raise BadToken("grants are not an object")
    return Claims(
        identity=_text(claims.get("sub")),
        name=_text(claims.get("name")),
        metadata=_text(claims.get("metadata")),
        attributes={_text(name): _text(value) for name, value in attributes.items()},
        room=_text(video.get("room")),
        room_join=video.get("roomJoin") is True,
        room_admin=video.get("roomAdmin") is True,
        room_create=video.get("roomCreate") is True,
        room_list=video.get("roomList") is True,
        room_record=video.get("roomRecord") is True,
        permission=_permission(video),
        key=claims["iss"],
        not_before_s=int(claims["nbf"]),
    )


def _permission(video: Mapping[str, Any]) -> Permission:
    """Absent publish and subscribe rights mean yes, as in LiveKit; everything else must be granted."""
    names = video.get("canPublishSources") or []
    if not isinstance(names, list):
        raise BadToken("canPublishSources is not a list")
    sources = frozenset(_SOURCES[name] for name in names if isinstance(name, str) and name in _SOURCES)
    return Permission(
        can_publish=video.get("canPublish", True) is True and (bool(sources) or not names),
        can_subscribe=video.get("canSubscribe", True) is True,
        can_publish_data=video.get("canPublishData", True) is True,
        can_update_metadata=video.get("canUpdateOwnMetadata") is True,
        hidden=video.get("hidden") is True,
        recorder=video.get("recorder") is True,
        sources=sources,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def renew(claims: Claims, permission: Permission, keys: Keys, now_s: int) -> str:
    """A token for coming back after a failure: what its holder may do now, for a few minutes more."""
    video: dict[str, object] = {
        "room": claims.room,
        "roomJoin": True,
        "canPublish": permission.can_publish,
        "canSubscribe": permission.can_subscribe,
        "canPublishData": permission.can_publish_data,
        "canUpdateOwnMetadata": permission.can_update_metadata,
        "hidden": permission.hidden,
        "recorder": permission.recorder,
    }
    if permission.sources:
        video["canPublishSources"] = [name for name, source in _SOURCES.items() if source in permission.sources]
    renewed = {
        "iss": claims.key,
        "sub": claims.identity,
        "name": claims.name,
        "metadata": claims.metadata,
        "attributes": dict(claims.attributes),
        "nbf": now_s,
        "exp": now_s + RENEWED_S,
        "video": video,
    }
    token = jwt.encode(renewed, keys[claims.key], algorithm=_ALGORITHM)
    if len(token) > _MAX_LENGTH:
        # It would be refused at the door; who comes back with it says the rest anew, or the application does.
        token = jwt.encode(renewed | {"metadata": "", "attributes": {}}, keys[claims.key], algorithm=_ALGORITHM)
    return token


def sign_body(body: bytes, key: str, secret: str, now_s: int) -> str:
    """A token that vouches for the body of a webhook, as LiveKit's receivers check it."""
    digest = b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": key, "nbf": now_s, "exp": now_s + 300, "sha256": digest}
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)
