"""How a client is told that a request of it was not carried out."""

from typing import Final

from livekit.protocol.rtc import RequestResponse, SignalRequest, SignalResponse

_ECHOED: Final = frozenset(
    field.name for field in RequestResponse.DESCRIPTOR.fields if field.containing_oneof is not None
)
"""Kinds of requests that go back with their refusal."""
_MAX_ECHO_BYTES: Final = 4_096


class Refused(Exception):
    """Nothing was changed; `reason` is for the client's program, the message for who wrote it."""

    def __init__(self, reason: RequestResponse.Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Final = reason

    def to_proto(self, request: SignalRequest) -> SignalResponse:
        """The answer to this request, which goes back with it unless it is large."""
        kind = request.WhichOneof("message") or ""
        body = getattr(request, kind)
        answer = RequestResponse(reason=self.reason, message=str(self), request_id=getattr(body, "request_id", 0))
        place = kind.removesuffix("_request")
        if place in _ECHOED and body.ByteSize() <= _MAX_ECHO_BYTES:
            getattr(answer, place).CopyFrom(body)
        return SignalResponse(request_response=answer)


def not_found(message: str) -> Refused:
    return Refused(RequestResponse.NOT_FOUND, message)


def not_allowed(message: str) -> Refused:
    return Refused(RequestResponse.NOT_ALLOWED, message)


def too_much(message: str) -> Refused:
    return Refused(RequestResponse.LIMIT_EXCEEDED, message)


def unsupported(message: str) -> Refused:
    return Refused(RequestResponse.UNSUPPORTED_TYPE, message)
