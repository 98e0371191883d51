"""Who is a member on a day, which rules hold then, by when things must be sent, and the rules said in words. Pure."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone

from ecabinet.kernel.errors import NotFound
from ecabinet.kernel.ids import ProfileId

from .model import (
    AlreadyMember,
    Citation,
    DayUnit,
    DecisionRule,
    Electorate,
    HeadPostTaken,
    Lang,
    LeadSubject,
    LeadTime,
    MeetingKind,
    Membership,
    Paragraph,
    RecusalEffect,
    RuleProfile,
    Secrecy,
    SpanInvalid,
    TieMethod,
    TieScope,
    Words,
)

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Without summer time since 1975: a fixed offset, so that pure code reads no time zone files."""


class ProfileUnknown(NotFound):
    """No version of the profile holds on the day. Detail: profile, day."""

    code = "profile_unknown"


def local_day(at: datetime) -> date:
    """The calendar day in Vietnam. Raises ValueError when naive."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return at.astimezone(VIETNAM).date()


def members_at(memberships: Iterable[Membership], day: date) -> list[Membership]:
    """Those in office on the day, [since, until), in order of protocol, then by name."""
    in_office = [each for each in memberships if each.since <= day and (each.until is None or day < each.until)]
    return sorted(in_office, key=lambda each: (each.order, each.name, each.id))


def profile_at(profiles: Iterable[RuleProfile], profile: ProfileId, day: date) -> RuleProfile:
    """The version in force on the day; the latest one where two overlap.

    Raises ProfileUnknown.
    """
    versions = [each for each in profiles if each.id == profile and each.in_force(day)]
    if not versions:
        raise ProfileUnknown(profile=profile, day=day.isoformat())
    return max(versions, key=lambda each: (each.effective, each.version))


def check_membership(new: Membership, existing: Iterable[Membership]) -> None:
    """Whether the body may have this member for this span.

    existing  all memberships of the body, of any time

    Raises SpanInvalid, AlreadyMember, HeadPostTaken, the first that applies.
    """
    if new.until is not None and new.until <= new.since:
        raise SpanInvalid(since=new.since.isoformat(), until=new.until.isoformat())
    overlapping = [each for each in existing if _overlap(each, new)]
    if any(each.person == new.person for each in overlapping):
        raise AlreadyMember(person=new.person)
    if new.is_head and any(each.is_head for each in overlapping):
        raise HeadPostTaken()


def _overlap(one: Membership, other: Membership) -> bool:
    begins_in_time = other.until is None or one.since < other.until
    return begins_in_time and (one.until is None or other.since < one.until)


# --- lead times ---


def lead_deadline(rule: LeadTime, meeting_start: datetime, holidays: Collection[date]) -> datetime:
    """The moment before which it must have been sent, UTC: the end of the last day that is in time.

    Days are counted back from the meeting's own day in Vietnam, which is not counted (Civil Code 2015, art. 147:
    the day of the event does not count). Three working days before a Friday is the Tuesday, until midnight.
    holidays  days off other than Saturdays and Sundays; a swapped working Saturday is not known here
    """
    day = local_day(meeting_start)
    if rule.unit is DayUnit.DAYS:
        day -= timedelta(days=rule.amount)
    else:
        left = rule.amount
        while left:
            day -= timedelta(days=1)
            left -= is_working_day(day, holidays)
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM).astimezone(UTC)


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Monday to Friday, not a holiday."""
    return day.weekday() < 5 and day not in holidays


# --- the rules in words ---


def profile_in_words(profile: RuleProfile, lang: Lang) -> list[Paragraph]:
    """All rules of a profile, one paragraph each, for people preparing a meeting."""
    said = [
        (Words("Hiệu lực của biểu quyết", "Force of a vote"), _force(profile), profile.quorum.citation),
        (Words("Tổng số", "All members"), _electorate(profile), profile.electorate.citation),
        (Words("Số lượng tiến hành phiên họp", "Quorum"), _quorum(profile), profile.quorum.citation),
        *(each for rule in profile.decisions.values() for each in _decision(profile, rule)),
        (Words("Cách trả lời", "Answers"), _answers(profile), profile.answers.citation),
        (Words("Người dự họp thay", "Stand-ins"), _stand_in(profile), profile.stand_in.citation),
        (Words("Xung đột lợi ích", "Conflict of interest"), _recusal(profile), profile.recusal.citation),
        (Words("Hình thức biểu quyết", "Form of voting"), _secrecy(profile), profile.secrecy.citation),
        *(_lead_time(rule) for rule in profile.lead_times),
    ]
    if profile.binding:
        said = said[1:]
    return [_paragraph(heading, sentence, citation, lang) for heading, sentence, citation in said]


_Said = tuple[Words, Words, Citation]


def _paragraph(heading: Words, sentence: Words, citation: Citation, lang: Lang) -> Paragraph:
    note = citation.note.of(lang) if citation.note else None
    return Paragraph(heading.of(lang), sentence.of(lang), citation.label().of(lang), note)


def _force(profile: RuleProfile) -> Words:
    return profile.binding_note or Words("Biểu quyết có giá trị quyết định.", "A vote decides.")


def _electorate(profile: RuleProfile) -> Words:
    member = profile.electorate.member
    if profile.electorate.counts is Electorate.MEMBERS_IN_OFFICE:
        return Words(
            f"Tổng số là số {member.vi} đang tại chức.",
            f"All {member.en} means those in office; vacancies do not count.",
        )
    return Words(
        f"Tổng số là số {member.vi} theo quy định, kể cả khuyết.", f"All {member.en} means all seats, vacant ones too."
    )


def _quorum(profile: RuleProfile) -> Words:
    rule, member = profile.quorum, profile.electorate.member
    share = rule.threshold.in_words(rule.base, member)
    return Words(f"Phiên họp được tiến hành khi {share.vi} có mặt.", f"A meeting is held with {share.en} present.")


def _decision(profile: RuleProfile, rule: DecisionRule) -> list[_Said]:
    share = rule.threshold.in_words(rule.base, profile.electorate.member)
    needs = Words(f"Cần {share.vi} tán thành.", f"Needs the votes of {share.en}.")
    heading = Words(f"{rule.name.vi} – ngang nhau", f"{rule.name.en} – tie")
    return [(rule.name, needs, rule.citation), (heading, _tie(rule), rule.tie.citation)]


def _tie(rule: DecisionRule) -> Words:
    if rule.tie.method is TieMethod.NOT_PASSED or rule.tie.who is None:
        return rule.tie.citation.text
    strict = rule.tie.scope is TieScope.STRICT_ALL_VOTED
    scope = Words(
        " khi mọi thành viên đều đã tán thành hoặc không tán thành" if strict else "",
        " once every member has voted for or against" if strict else "",
    )
    who = rule.tie.who
    if rule.tie.method is TieMethod.CASTING_VOTE:
        return Words(
            f"Số phiếu ngang nhau{scope.vi} thì {who.vi} bỏ phiếu quyết định.",
            f"When votes are equal{scope.en}, {who.en} gives the casting vote.",
        )
    return Words(
        f"Số phiếu ngang nhau{scope.vi} thì theo ý kiến {who.vi} đã biểu quyết.",
        f"When votes are equal{scope.en}, the side on which {who.en} voted prevails.",
    )


def _answers(profile: RuleProfile) -> Words:
    session, slip = profile.answers.session, profile.answers.slip
    return Words(
        f"Tại phiên họp: {_listed(each.words.vi for each in session)}. "
        f"Trên phiếu lấy ý kiến: {_listed(each.words.vi for each in slip)}.",
        f"In session: {_listed(each.words.en for each in session)}. "
        f"On a written-opinion slip: {_listed(each.words.en for each in slip)}.",
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(word.lower() for word in words)


def _stand_in(profile: RuleProfile) -> Words:
    if not profile.stand_in.attends:
        return Words("Không có người dự họp thay.", "Nobody attends in a member's place.")
    if profile.stand_in.speaks:
        return Words(
            "Người dự họp thay được phát biểu, không được biểu quyết.", "A stand-in may speak and never votes."
        )
    return Words("Người dự họp thay chỉ dự, không phát biểu, không biểu quyết.", "A stand-in attends only.")


def _recusal(profile: RuleProfile) -> Words:
    if profile.recusal.effect is RecusalEffect.STAYS_IN_BASE:
        return Words(
            "Người có xung đột lợi ích không tính là có mặt, vẫn tính trong tổng số.",
            "A member with a conflict of interest does not count as present and stays among all members.",
        )
    return Words(
        "Người có xung đột lợi ích không tính là có mặt và không tính trong tổng số.",
        "A member with a conflict of interest counts neither as present nor among all members.",
    )


def _secrecy(profile: RuleProfile) -> Words:
    rule = profile.secrecy
    default = Words("Công khai", "Open") if rule.default is Secrecy.OPEN else Words("Bỏ phiếu kín", "Secret")
    where = Words("có thể từ xa", "possible from afar")
    if not rule.secret_from_afar:
        where = Words("chỉ tại phòng họp", "in the hall only")
    return Words(f"{default.vi}; bỏ phiếu kín {where.vi}.", f"{default.en}; a secret ballot is {where.en}.")


def _lead_time(rule: LeadTime) -> _Said:
    regular = rule.kind is MeetingKind.REGULAR
    notice = rule.subject is LeadSubject.NOTICE
    kind = Words("họp thường kỳ", "regular meeting") if regular else Words("họp bất thường", "special meeting")
    subject = Words("Thông báo triệu tập", "Notice") if notice else Words("Tài liệu", "Papers")
    working = rule.unit is DayUnit.WORKING_DAYS
    days = Words("ngày làm việc" if working else "ngày", "working days" if working else "days")
    heading = Words(f"{subject.vi}, {kind.vi}", f"{subject.en}, {kind.en}")
    sentence = Words(
        f"Gửi chậm nhất {rule.amount} {days.vi} trước ngày họp.",
        f"Sent at least {rule.amount} {days.en} before the meeting.",
    )
    return heading, sentence, rule.citation
