"""The rule profiles that come with the product, one TOML file each. A file is law as of its `effective` date."""

import tomllib
from functools import cache
from importlib import resources

from ecabinet.register.model import RuleProfile
from ecabinet.register.reading import parse_profile


@cache
def shipped() -> tuple[RuleProfile, ...]:
    """All of them, by id and date.

    Raises ProfileInvalid when one of the files cannot be used: start-up ends there.
    """
    files = [entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(".toml")]
    profiles = [parse_profile(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files]
    return tuple(sorted(profiles, key=lambda profile: (profile.id, profile.effective)))
