"""Refusals: the answers a person can get instead of what was asked. Nothing has changed when one is raised.

    Refusal
    ├── NotSignedIn          who are you?
    ├── NotAllowed           you may not
    ├── NotFound             there is no such thing, or you may not know that there is
    ├── Invalid              the request itself is wrong
    │   └── TooLarge         more bytes than allowed
    ├── Conflict             right request, wrong moment: a phase, a double, a lost race
    ├── TooMany              slow down
    └── Unavailable          something outside does not answer; nothing was recorded

Slices define their own subclasses named after the reason, each with its own stable ``code``. Only the edges
(``edge/web.py``, ``edge/sio.py``, ``cli.py``) translate the class to a status, an acknowledgement or an exit code.
"""

from typing import Any, ClassVar


class Refusal(Exception):
    """An answer to a person: a stable code and JSON-ready detail."""

    code: ClassVar[str] = "refused"

    def __init__(self, **detail: Any) -> None:
        super().__init__(self.code, detail)
        self.detail: dict[str, Any] = detail


class NotSignedIn(Refusal):
    """There is no live sign-in session."""

    code = "not_signed_in"


class NotAllowed(Refusal):
    """The person is known, and the grants do not cover the act."""

    code = "not_allowed"


class NotFound(Refusal):
    """No such thing, or none that this person may know of: the two answers are the same on purpose."""

    code = "not_found"


class Invalid(Refusal):
    """The request cannot be right at any time. ``detail["fields"]`` names what is wrong where it is known."""

    code = "invalid"


class TooLarge(Invalid):
    """More bytes than the limit in ``detail["limit_bytes"]``."""

    code = "too_large"


class Conflict(Refusal):
    """A right request at the wrong moment."""

    code = "conflict"


class WrongPhase(Conflict):
    """The thing is in a phase in which the act does not exist. ``detail["phase"]`` says which."""

    code = "wrong_phase"


class TooMany(Refusal):
    """Too many requests; ``detail["retry_after_s"]`` says when to try again."""

    code = "too_many"


class Unavailable(Refusal):
    """Something this act needs does not answer. Nothing was recorded; try again."""

    code = "unavailable"
