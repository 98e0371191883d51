"""From the facts of a meeting to the text of its minutes. Pure.

The parts and their order: Nghị định 30/2020/NĐ-CP, Phụ lục III, Mẫu 1.9 (Biên bản). What the minutes of an
administrative meeting must hold: Quyết định 45/2018/QĐ-TTg (the chair and those present, the course, the opinions,
the results of votes, the chair's conclusion).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from ecabinet.kernel.access import Role

from .model import Attendee, Course, Facts, Figure, Layout, Line, MinutesText, Section, Vote
from .phrases import calendar_day, called, capital, clock_time, duration, listed, sentence
from .sheets import ballots, vote_lines

ABSENCE_TOLD = timedelta(minutes=5)
"""A shorter break of someone's presence is a lost connection, not an absence, and is left to the record."""
_LETTERS = "abcdđeghiklmnopqrstuvxy"
"""The Vietnamese alphabet's order for points, without the letters that carry marks."""


def compose(facts: Facts) -> MinutesText:
    """The whole text."""
    return MinutesText(figures=tuple(_figures(facts)), sections=tuple(_sections(facts)))


# --- the parts ---


def _sections(facts: Facts) -> Iterator[Section]:
    zone = facts.zone
    opened = f"{clock_time(facts.opened.at, zone)}, {calendar_day(facts.opened.at, zone)}."
    yield _inline("Thời gian bắt đầu", Line(opened, facts.opened.entries))
    yield _inline("Địa điểm", Line(f"{facts.place or '…'}; hình thức họp: {facts.mode}."))
    yield Section("Thành phần tham dự", tuple(_attendance(facts)))
    yield _inline("Chủ trì (chủ tọa)", Line(_those(facts, Role.CHAIR)))
    yield _inline("Thư ký (người ghi biên bản)", Line(_those(facts, Role.SECRETARY)))
    if facts.pauses:
        yield Section("Tạm nghỉ", tuple(_pauses(facts)))
    if facts.recordings:
        yield Section("Ghi âm, ghi hình", tuple(_recordings(facts)))
    yield Section("Nội dung (theo diễn biến phiên họp)", ())
    for course in facts.courses:
        yield Section(f"Nội dung {course.position}. {course.title}", tuple(_course(course, facts)))
    closed = f"{clock_time(facts.closed.at, zone)}, {calendar_day(facts.closed.at, zone)}"
    yield Section("Kết thúc", (Line(f"Phiên họp kết thúc vào {closed}./.", facts.closed.entries),), Layout.PLAIN)


def _inline(heading: str, line: Line) -> Section:
    return Section(heading, (line,), Layout.INLINE)


def _those(facts: Facts, role: Role) -> str:
    names = [called(each) for each in facts.attendees if each.role is role]
    return f"{listed(names)}." if names else "…"


def _pauses(facts: Facts) -> Iterator[Line]:
    for paused, resumed in facts.pauses:
        until = f"đến {clock_time(resumed.at, facts.zone)}" if resumed else "đến khi kết thúc phiên họp"
        entries = paused.entries + (resumed.entries if resumed else ())
        yield Line(f"Từ {clock_time(paused.at, facts.zone)} {until}.", entries)


def _recordings(facts: Facts) -> Iterator[Line]:
    for since, until in facts.recordings:
        span = f"từ {clock_time(since.at, facts.zone)} đến {clock_time(until.at, facts.zone)}"
        told = f"Phiên họp được ghi âm, ghi hình theo quyết định của chủ tọa, {span}."
        yield Line(told, since.entries + until.entries)


# --- who was there ---


def _attendance(facts: Facts) -> Iterator[Line]:
    voters = [each for each in facts.attendees if each.votes]
    yield from _present_at_opening(facts, voters)
    late = [each for each in voters if _is_late(each, facts)]
    if late:
        told = listed(f"{called(each)} (từ {clock_time(_arrival(each, facts), facts.zone)})" for each in late)
        yield Line(f"{capital(facts.member)} có mặt sau khi khai mạc: {told}.", _entries_of(late))
    yield _absent([each for each in voters if not _came(each, facts)], facts)
    yield from _absent_in_between(voters, facts)
    yield from _others(facts)
    if facts.proxies:
        told = listed(f"{each.name} ủy quyền cho {each.text}" for each in facts.proxies)
        yield Line(f"Ủy quyền biểu quyết: {told}.", tuple(number for each in facts.proxies for number in each.entries))


def _present_at_opening(facts: Facts, voters: list[Attendee]) -> Iterator[Line]:
    present = [each for each in voters if _was_there(each, facts)]
    quorum = facts.quorum
    is_enough = quorum.present >= quorum.needed
    judged = "Đủ" if is_enough else "Chưa đủ"
    text = f"{capital(facts.member)} có mặt khi khai mạc: {quorum.present}/{quorum.members}"
    names = f", gồm: {listed(called(each) for each in present)}" if present else ""
    yield Line(f"{text}{names}.", facts.opened.entries + _entries_of(present))
    needed = f"cần ít nhất {quorum.needed} {facts.member} có mặt, theo {quorum.article}"
    yield Line(f"{judged} số lượng tiến hành phiên họp: {needed}.", facts.opened.entries)


def _absent(absent: list[Attendee], facts: Facts) -> Line:
    if not absent:
        return Line(f"{capital(facts.member)} vắng mặt: không có.", facts.opened.entries)
    told = listed(f"{called(each)} ({_reason(each)})" for each in absent)
    proofs = tuple(number for each in absent for number in each.reason_entries)
    return Line(f"{capital(facts.member)} vắng mặt: {told}.", proofs)


def _reason(attendee: Attendee) -> str:
    return f"lý do: {attendee.reason.strip()}" if attendee.reason and attendee.reason.strip() else "không nêu lý do"


def _absent_in_between(voters: list[Attendee], facts: Facts) -> Iterator[Line]:
    told: list[str] = []
    proofs: list[int] = []
    for each in voters:
        for gap, entries in _gaps(each, facts):
            told.append(f"{called(each)} ({gap})")
            proofs.extend(entries)
    if told:
        yield Line(f"{capital(facts.member)} vắng mặt từng lúc: {listed(told)}.", tuple(sorted(set(proofs))))


def _gaps(attendee: Attendee, facts: Facts) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Spans of at least ABSENCE_TOLD between opening and closing in which someone who had come was away."""
    stays = [each for each in attendee.stays if each.until is None or each.until > facts.opened.at]
    for left, back in pairwise(stays):
        if left.until is None or left.until_entry is None or back.since >= facts.closed.at:
            continue
        if back.since - left.until >= ABSENCE_TOLD:
            since, until = clock_time(left.until, facts.zone), clock_time(back.since, facts.zone)
            yield f"từ {since} đến {until}", (left.until_entry, back.since_entry)
    within = [each for each in stays if each.since < facts.closed.at]
    if not within:
        return
    last = within[-1]
    if last.until and last.until_entry and facts.closed.at - last.until >= ABSENCE_TOLD:
        yield f"từ {clock_time(last.until, facts.zone)} đến khi kết thúc", (last.until_entry,)


def _others(facts: Facts) -> Iterator[Line]:
    came = [each for each in facts.attendees if not each.votes and _came(each, facts)]
    away = [each for each in facts.attendees if each.role is Role.GUEST and not _came(each, facts)]
    attending = [each for each in came if each.role is Role.MEMBER]
    if attending:
        yield Line(f"Dự họp, không biểu quyết: {listed(map(called, attending))}.", _entries_of(attending))
    stand_ins = [each for each in came if each.role is Role.STAND_IN]
    if stand_ins:
        told = listed(f"{called(each)} (dự thay {each.stands_in_for or '…'})" for each in stand_ins)
        yield Line(f"Người dự họp thay (được phát biểu, không biểu quyết): {told}.", _entries_of(stand_ins))
    guests = [each for each in came if each.role is Role.GUEST]
    if guests:
        yield Line(f"Khách mời: {listed(map(_guest, guests))}.", _entries_of(guests))
    if away:
        yield Line(f"Khách mời vắng mặt: {listed(f'{called(each)} ({_reason(each)})' for each in away)}.")


def _guest(attendee: Attendee) -> str:
    if attendee.positions is None:
        return called(attendee)
    return f"{called(attendee)} (nội dung {', '.join(str(position) for position in attendee.positions)})"


def _was_there(attendee: Attendee, facts: Facts) -> bool:
    return any(stay.covers(facts.opened.at) for stay in attendee.stays)


def _came(attendee: Attendee, facts: Facts) -> bool:
    since, until = facts.opened.at, facts.closed.at
    return any(stay.since < until and (stay.until is None or stay.until > since) for stay in attendee.stays)


def _is_late(attendee: Attendee, facts: Facts) -> bool:
    return _came(attendee, facts) and not _was_there(attendee, facts)


def _arrival(attendee: Attendee, facts: Facts) -> datetime:
    return next(stay.since for stay in attendee.stays if stay.since >= facts.opened.at)


def _entries_of(attendees: Iterable[Attendee]) -> tuple[int, ...]:
    """What first shows each of them there."""
    return tuple(sorted({each.stays[0].since_entry for each in attendees if each.stays}))


# --- the course of an item ---


def _course(course: Course, facts: Facts) -> Iterator[Line]:
    if course.started is None:
        yield Line("Phiên họp chưa xem xét nội dung này.")
        return
    points = [_presented(course, facts)]
    if course.recused:
        points.append([_recused(course)])
    if course.speeches:
        points.append(_speeches(course, facts))
    if course.note and course.note.text.strip():
        points.append(_written("Ý kiến", course.note.text, course.note.entries))
    points.extend(vote_lines(vote, facts.member, facts.zone) for vote in course.votes)
    if course.conclusion and course.conclusion.text.strip():
        points.append(_written("Kết luận của chủ tọa", course.conclusion.text, course.conclusion.entries))
    for letter, lines in zip(_LETTERS, points, strict=False):
        yield replace(lines[0], text=f"{letter}) {lines[0].text}")
        yield from lines[1:]


def _presented(course: Course, facts: Facts) -> list[Line]:
    assert course.started is not None, "an item that was not started has no course"
    span = f"Bắt đầu lúc {clock_time(course.started.at, facts.zone)}"
    entries = course.started.entries
    if course.ended:
        span += f", kết thúc lúc {clock_time(course.ended.at, facts.zone)}"
        entries += course.ended.entries
    presented = f" {sentence(f'{course.presenter} trình bày')}" if course.presenter.strip() else ""
    return [Line(f"{span}.{presented}", entries)]


def _recused(course: Course) -> Line:
    told = listed(each.name for each in course.recused)
    proofs = tuple(number for each in course.recused for number in each.entries)
    return Line(f"Không tham gia bàn và biểu quyết nội dung này vì xung đột lợi ích: {told}.", proofs)


def _speeches(course: Course, facts: Facts) -> list[Line]:
    told = []
    for each in course.speeches:
        lasted = f", trong {duration(each.until - each.since)}" if each.until else ""
        told.append(f"{each.name} (lúc {clock_time(each.since, facts.zone)}{lasted})")
    entries = tuple(number for each in course.speeches for number in each.entries)
    return [Line(f"Phát biểu ({len(told)} lượt): {listed(told)}.", entries)]


def _written(heading: str, text: str, entries: tuple[int, ...]) -> list[Line]:
    paragraphs = [each.strip() for each in text.splitlines() if each.strip()]
    if len(paragraphs) == 1:
        return [Line(f"{heading}: {sentence(paragraphs[0])}", entries)]
    return [Line(f"{heading}:", entries), *(Line(sentence(each), entries) for each in paragraphs)]


# --- the figures ---


def _figures(facts: Facts) -> Iterator[Figure]:
    zone, quorum = facts.zone, facts.quorum
    voters = [each for each in facts.attendees if each.votes]
    present = [each for each in voters if _was_there(each, facts)]
    yield Figure("Thời gian bắt đầu", clock_time(facts.opened.at, zone), facts.opened.entries)
    yield Figure(
        f"{capital(facts.member)} có mặt khi khai mạc",
        f"{quorum.present}/{quorum.members}",
        facts.opened.entries + _entries_of(present),
    )
    for each in voters:
        if _is_late(each, facts):
            yield Figure(f"{each.name} có mặt", f"từ {clock_time(_arrival(each, facts), zone)}", _entries_of([each]))
    for course in facts.courses:
        yield from _course_figures(course)
    yield Figure("Thời gian kết thúc", clock_time(facts.closed.at, zone), facts.closed.entries)


def _course_figures(course: Course) -> Iterator[Figure]:
    name = f"Nội dung {course.position}"
    if course.speeches:
        entries = tuple(number for each in course.speeches for number in each.entries)
        yield Figure(f"{name}: phát biểu", f"{len(course.speeches)} lượt", entries)
    decided = [vote for vote in course.votes if vote.result is not None or vote.rows]
    for number, vote in enumerate(decided, start=1):
        of_vote = name if len(decided) == 1 else f"{name}, biểu quyết {number}"
        yield from _vote_figures(of_vote, vote)


def _vote_figures(name: str, vote: Vote) -> Iterator[Figure]:
    for paper in vote.papers:
        yield Figure(f"{name}: {paper.label}", str(paper.count), vote.ended.entries)
    for row in vote.rows:
        yield Figure(f"{name}: {row.cells[1]}", "; ".join(row.cells[2:]), vote.ended.entries)
    if vote.result is None:
        return
    took_part = [vote.result.took_part] if vote.result.took_part else []
    for each in (*took_part, *vote.result.counts):
        own = ballots(vote) if each in took_part else ballots(vote, each.label)
        yield Figure(f"{name}: {each.label}", f"{each.count}/{vote.result.members}", own + vote.ended.entries)
    yield Figure(f"{name}: kết quả", vote.result.outcome, vote.ended.entries)
    if vote.settled is not None:
        yield Figure(f"{name}: ý kiến quyết định", vote.settled.text, vote.settled.entries)
