"""The rules of a profile said in words, for people preparing a meeting. Pure."""

from collections.abc import Iterable

from .model import (
    Citation,
    DayUnit,
    DecisionRule,
    ElectionRule,
    Electorate,
    Lang,
    LeadSubject,
    LeadTime,
    Meaning,
    MeetingKind,
    MotionRule,
    Paragraph,
    ProxyRule,
    RatingRule,
    RecusalEffect,
    ReducedRule,
    RuleProfile,
    Secrecy,
    Silence,
    SlipRule,
    TellersRule,
    TieMethod,
    TieScope,
    VotingForm,
    Words,
)


def profile_in_words(profile: RuleProfile, lang: Lang) -> list[Paragraph]:
    """All rules of a profile, one paragraph each, for people preparing a meeting."""
    said = [
        (Words("Hiệu lực của biểu quyết", "Force of a vote"), _force(profile), profile.quorum.citation),
        (Words("Tổng số", "All members"), _electorate(profile), profile.electorate.citation),
        (Words("Số lượng tiến hành phiên họp", "Quorum"), _quorum(profile), profile.quorum.citation),
        *(each for rule in profile.decisions.values() for each in _decision(profile, rule)),
        *_procedures(profile),
        (Words("Cách trả lời", "Answers"), _answers(profile), profile.answers.citation),
        (Words("Người dự họp thay", "Stand-ins"), _stand_in(profile), profile.stand_in.citation),
        (Words("Xung đột lợi ích", "Conflict of interest"), _recusal(profile), profile.recusal.citation),
        (Words("Hình thức biểu quyết", "Form of voting"), _secrecy(profile), profile.secrecy.citation),
        *(_lead_time(rule) for rule in profile.lead_times),
        *_recording(profile),
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
    heading = Words(f"{rule.name.vi} – ngang nhau", f"{rule.name.en} – tie")
    said = [(rule.name, decision_sentence(profile, rule), rule.citation), (heading, _tie(rule), rule.tie.citation)]
    if rule.form:
        form = Words(f"{rule.name.vi} – hình thức", f"{rule.name.en} – form")
        said.append((form, _FORMS[rule.form.form], rule.form.citation))
    return said


_FORMS = {
    VotingForm.OPEN: Words("Biểu quyết công khai.", "By open vote."),
    VotingForm.SECRET: Words("Bỏ phiếu kín.", "By secret ballot."),
    VotingForm.CHOSEN: Words(
        "Công khai hoặc bỏ phiếu kín, do cơ quan quyết định.", "Open or secret, as the body decides."
    ),
}


def decision_sentence(profile: RuleProfile, rule: DecisionRule) -> Words:
    """ "Cần quá nửa tổng số thành viên tán thành." / "Needs the votes of more than half of all members."."""
    share = rule.threshold.in_words(rule.base, profile.electorate.member)
    answers = profile.answers.session if rule.answers is None else rule.answers
    word = next(answer.words for answer in answers if answer.meaning is rule.measures)
    if rule.measures is Meaning.AGAINST:
        return Words(
            f"Không đạt khi {share.vi} {word.vi.lower()}.",
            f"Lost when {share.en} are for “{word.en.lower()}”.",
        )
    return Words(f"Cần {share.vi} {word.vi.lower()}.", f"Needs the votes of {share.en}.")


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
    if not slip:
        return Words(
            f"Tại phiên họp: {_listed(each.words.vi for each in session)}.",
            f"In session: {_listed(each.words.en for each in session)}.",
        )
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


# --- elections, papers, slips, proxies, motions ---


def _recording(profile: RuleProfile) -> list[_Said]:
    rule = profile.recording
    return [(Words("Ghi âm, ghi hình", "Recording"), rule.text, rule)] if rule else []


def _procedures(profile: RuleProfile) -> list[_Said]:
    said: list[_Said] = []
    if profile.reduced:
        said.append(_reduced(profile, profile.reduced))
    if profile.elections:
        said.append(_elections(profile, profile.elections))
    if profile.ratings:
        said.append(_ratings(profile, profile.ratings))
    if profile.tellers:
        said.append(_tellers(profile.tellers))
    if profile.slips:
        said += _slips(profile.slips)
    if profile.proxies:
        said.append(_proxies(profile.proxies))
    return said + [_motion(profile, rule) for rule in profile.motions]


def _reduced(profile: RuleProfile, rule: ReducedRule) -> _Said:
    part = f"{rule.complete.fraction.numerator}/{rule.complete.fraction.denominator}"
    member = profile.electorate.member
    return (
        Words("Khi không còn đủ số lượng", "When too few are left"),
        Words(
            f"Khi còn dưới {part} tổng số {member.vi} theo quy định, chỉ quyết định {rule.may.vi}.",
            f"With fewer than {part} of all {member.en} provided for, only: {rule.may.en}.",
        ),
        rule.citation,
    )


def election_sentence(profile: RuleProfile, rule: ElectionRule) -> Words:
    """Who is elected: the highest numbers, and what they must reach."""
    if rule.floor is None:
        return Words("Người được nhiều phiếu hơn trúng cử.", "Whoever has more votes is elected.")
    share = rule.floor.in_words(rule.base, profile.electorate.member)
    return Words(
        f"Trúng cử là những người nhiều phiếu nhất và được {share.vi} bầu.",
        f"Elected are those with most votes, each with the votes of {share.en}.",
    )


def _elections(profile: RuleProfile, rule: ElectionRule) -> _Said:
    elected = election_sentence(profile, rule)
    more = Words("Có thể có số dư.", "There may be more candidates than seats.")
    if not rule.more_candidates:
        more = Words("Không có số dư.", "There are no more candidates than seats.")
    form = _FORMS[VotingForm.SECRET if rule.is_secret else VotingForm.CHOSEN]
    parts = (form, elected, more, rule.tie, rule.run_off)
    return (
        Words("Bầu cử", "Elections"),
        Words(" ".join(each.vi for each in parts), " ".join(each.en for each in parts)),
        rule.citation,
    )


def rating_sentence(profile: RuleProfile, rule: RatingRule) -> Words:
    """The three levels, and what too many of the lowest lead to."""
    member = profile.electorate.member
    resign = rule.may_resign.in_words(rule.base, member)
    relieve = rule.relieve.in_words(rule.base, member)
    levels = (rule.high, rule.medium, rule.low)
    three = Words(_listed(each.vi for each in levels), _listed(each.en for each in levels))
    low = Words(rule.low.vi.lower(), rule.low.en.lower())
    return Words(
        f"Ba mức: {three.vi}. Có {resign.vi} {low.vi} thì có thể xin từ chức, không từ chức thì bỏ phiếu tín nhiệm; "
        f"có {relieve.vi} {low.vi} thì trình để miễn nhiệm.",
        f"Three levels: {three.en}. With {low.en} from {resign.en} a person may resign, and is otherwise put to a vote "
        f"of confidence; with it from {relieve.en} the person is proposed to be relieved.",
    )


def _ratings(profile: RuleProfile, rule: RatingRule) -> _Said:
    form = _FORMS[VotingForm.SECRET if rule.is_secret else VotingForm.CHOSEN]
    said = rating_sentence(profile, rule)
    return (
        Words("Lấy phiếu tín nhiệm", "Ratings of confidence"),
        Words(f"{form.vi} {said.vi}", f"{form.en} {said.en}"),
        rule.citation,
    )


def tellers_sentence(rule: TellersRule) -> Words:
    """How many count, who names them, who may not."""
    named = Words("bầu công khai tại phiên họp", "elected openly in session")
    if not rule.elected_openly:
        named = Words("do chủ tọa cử", "named by the chair")
    barred = Words("; người có tên trong phiếu không kiểm phiếu", "; nobody named on the paper counts")
    if not rule.candidates_barred:
        barred = Words("", "")
    return Words(
        f"Ít nhất {rule.least} người, {named.vi}{barred.vi}.", f"At least {rule.least}, {named.en}{barred.en}."
    )


def _tellers(rule: TellersRule) -> _Said:
    return Words("Ban kiểm phiếu", "Tellers"), tellers_sentence(rule), rule.citation


def slips_sentence(rule: SlipRule) -> Words:
    """Who decides to ask in writing, and where the result is told."""
    told = Words(" Kết quả được thông báo tại phiên họp gần nhất.", " The result is announced at the next session.")
    if not rule.reported:
        told = Words("", "")
    return Words(
        f"Khi không họp, {rule.asks.vi} quyết định lấy ý kiến bằng phiếu; tỷ lệ và cách xử lý khi ngang nhau như tại "
        f"phiên họp.{told.vi}",
        f"Between sessions {rule.asks.en} may decide to ask in writing; majority and tie are a session's.{told.en}",
    )


def silence_sentence(rule: SlipRule) -> Words:
    """What an unanswered slip counts as."""
    if rule.silence is Silence.DEEMED_CONSENT:
        return Words("Quá hạn không trả lời thì coi là đồng ý.", "No answer in time counts as consent.")
    return Words("Quá hạn không trả lời thì không tính là có ý kiến.", "No answer in time counts as no answer.")


def _slips(rule: SlipRule) -> list[_Said]:
    return [
        (Words("Lấy ý kiến bằng phiếu", "Opinions in writing"), slips_sentence(rule), rule.citation),
        (
            Words("Không trả lời phiếu", "No answer to a slip"),
            silence_sentence(rule),
            rule.silence_citation or rule.citation,
        ),
    ]


def proxies_sentence(rule: ProxyRule) -> Words:
    """How many one may vote for, and whether those represented count as there."""
    there = Words("người ủy quyền tính là có mặt", "those represented count as there")
    if not rule.counts_in_quorum:
        there = Words("người ủy quyền không tính là có mặt", "those represented do not count as there")
    return Words(
        f"Được ủy quyền biểu quyết; mỗi người nhận nhiều nhất {rule.most} ủy quyền; {there.vi}.",
        f"Proxies are allowed, at most {rule.most} to a holder; {there.en}.",
    )


def _proxies(rule: ProxyRule) -> _Said:
    return Words("Ủy quyền biểu quyết", "Proxies"), proxies_sentence(rule), rule.citation


def motion_sentence(profile: RuleProfile, rule: MotionRule) -> Words:
    """What a motion needs, and whether it is debated."""
    debate = Words("có thảo luận", "debatable") if rule.is_debatable else Words("không thảo luận", "not debatable")
    if rule.threshold is None:
        return Words(
            f"Không biểu quyết: chủ tọa quyết định hoặc một người yêu cầu là đủ; {debate.vi}.",
            f"No vote is taken: the chair rules, or one member's demand is enough; {debate.en}.",
        )
    share = rule.threshold.in_words(rule.base, profile.electorate.member)
    if rule.measures is Meaning.AGAINST:
        return Words(
            f"Bị bác khi {share.vi} không tán thành; {debate.vi}.",
            f"Overturned when {share.en} are against; {debate.en}.",
        )
    return Words(f"Cần {share.vi} tán thành; {debate.vi}.", f"Needs {share.en} for it; {debate.en}.")


def _motion(profile: RuleProfile, rule: MotionRule) -> _Said:
    rank = "" if rule.rank is None else f" ({rule.rank})"
    heading = Words(f"Đề nghị{rank}: {rule.name.vi.lower()}", f"Motion{rank}: {rule.name.en.lower()}")
    return heading, motion_sentence(profile, rule), rule.citation


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
