"""RTCP packets the relay reads and writes.

Source: RFC 3550 §6.4 (reports), RFC 4585 §6 (NACK, PLI), RFC 5104 §4.3.1 (FIR), draft-alvestrand-rmcat-remb-03.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final

from relay.wire import Malformed

_HEADER: Final = Struct("!BBH")
_FEEDBACK: Final = Struct("!BBHII")
_REPORT: Final = Struct("!IIIIII")
_SENDER: Final = Struct("!IQIII")
_PAIR: Final = Struct("!HH")
_WORD: Final = Struct("!I")

_SR, _RR, _BYE, _RTPFB, _PSFB = 200, 201, 203, 205, 206
_NACK, _PLI, _FIR, _APPLICATION = 1, 1, 4, 15
_MAX_NACKED: Final = 512
"""Packets asked for at once: older ones than so many are not kept, and reading such a list costs."""
OUR_SSRC: Final = 1
"""The relay speaks RTCP under one number of its own, as it sends no media of its own."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a receiver saw of one source."""

    ssrc: int
    fraction_lost: int
    """Of 256, since the last report."""
    cumulative_lost: int
    highest_sequence: int
    """Extended by the number of times it wrapped, 32 bits."""
    jitter: int
    """In units of the media clock."""
    last_sr: int
    """The middle 32 bits of the NTP time in the last sender report; 0 when none came."""
    delay_since_sr: int
    """In 1/65536 s."""


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    ntp: int
    """64 bits, seconds since 1900 in 32.32 fixed point."""
    rtp_timestamp: int

    def after(self, passed_us: int, clock_rate_hz: int) -> "SenderReport":
        """What the same clocks show later."""
        ntp = (self.ntp + (passed_us << 32) // 1_000_000) & (1 << 64) - 1
        return SenderReport(self.ssrc, ntp, (self.rtp_timestamp + passed_us * clock_rate_hz // 1_000_000) & 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyframeRequest:
    """A PLI, or one entry of a FIR: both ask for the same."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Remb:
    bitrate_bps: int


Packet = SenderReport | ReceiverReport | Nack | KeyframeRequest | Remb


def parse(compound: bytes) -> list[Packet]:
    """The packets of a compound we act on, in order; others are left out. Raises Malformed."""
    packets: list[Packet] = []
    at = 0
    while at < len(compound):
        if at + 4 > len(compound):
            raise Malformed("RTCP header runs past the end")
        first, kind, words = _HEADER.unpack_from(compound, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(compound):
            raise Malformed("RTCP packet runs past the end")
        packets += _parse_one(kind, first & 0x1F, compound[at:end])
        at = end
    return packets


def _parse_one(kind: int, count: int, packet: bytes) -> list[Packet]:
    if kind == _SR and len(packet) >= 28:
        ssrc, ntp, timestamp, _, _ = _SENDER.unpack_from(packet, 4)
        return [SenderReport(ssrc, ntp, timestamp), ReceiverReport(_reports(packet, 28, count))]
    if kind == _RR and len(packet) >= 8:
        return [ReceiverReport(_reports(packet, 8, count))]
    if kind in (_RTPFB, _PSFB) and len(packet) >= 12:
        return _feedback(kind, count, packet)
    return []


def _reports(packet: bytes, at: int, count: int) -> tuple[Report, ...]:
    if at + count * _REPORT.size > len(packet):
        raise Malformed("RTCP report blocks run past the end")
    reports = []
    for index in range(count):
        ssrc, lost, highest, jitter, last_sr, delay = _REPORT.unpack_from(packet, at + index * _REPORT.size)
        reports.append(Report(ssrc, lost >> 24, lost & 0xFFFFFF, highest, jitter, last_sr, delay))
    return tuple(reports)


def _feedback(kind: int, fmt: int, packet: bytes) -> list[Packet]:
    (ssrc,) = _WORD.unpack_from(packet, 8)
    if kind == _RTPFB:
        return [Nack(ssrc, _sequences(packet))] if fmt == _NACK else []
    if fmt == _PLI:
        return [KeyframeRequest(ssrc)]
    if fmt == _FIR:
        return [KeyframeRequest(_WORD.unpack_from(packet, at)[0]) for at in range(12, len(packet) - 7, 8)]
    if fmt == _APPLICATION and len(packet) >= 20 and packet[12:16] == b"REMB":
        mantissa = (packet[17] & 0x03) << 16 | packet[18] << 8 | packet[19]
        return [Remb(mantissa << (packet[17] >> 2))]
    return []


def _sequences(packet: bytes) -> tuple[int, ...]:
    sequences = []
    for at in range(12, len(packet) - 3, 4):
        first, following = _PAIR.unpack_from(packet, at)
        sequences.append(first)
        sequences += [(first + bit + 1) & 0xFFFF for bit in range(16) if following >> bit & 1]
        if len(sequences) >= _MAX_NACKED:
            break
    return tuple(sequences[:_MAX_NACKED])


def pack_pli(ssrc: int) -> bytes:
    return _FEEDBACK.pack(0x80 | _PLI, _PSFB, 2, OUR_SSRC, ssrc)


def pack_nack(ssrc: int, sequences: Sequence[int]) -> bytes:
    """A request to send packets again; `sequences` ascend (modulo 2**16) and are not empty."""
    pairs: list[tuple[int, int]] = []
    for sequence in sequences:
        ahead = (sequence - pairs[-1][0]) & 0xFFFF if pairs else 0
        if pairs and 1 <= ahead <= 16:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << (ahead - 1))
        else:
            pairs.append((sequence, 0))
    body = b"".join(_PAIR.pack(*pair) for pair in pairs)
    return _FEEDBACK.pack(0x80 | _NACK, _RTPFB, 2 + len(pairs), OUR_SSRC, ssrc) + body


def pack_receiver_report(reports: Sequence[Report]) -> bytes:
    """At most 31 reports fit into one packet; the caller splits."""
    blocks = b"".join(
        _REPORT.pack(
            report.ssrc,
            report.fraction_lost << 24 | report.cumulative_lost & 0xFFFFFF,
            report.highest_sequence,
            report.jitter,
            report.last_sr,
            report.delay_since_sr,
        )
        for report in reports
    )
    return _HEADER.pack(0x80 | len(reports), _RR, 1 + 6 * len(reports)) + _WORD.pack(OUR_SSRC) + blocks


def pack_sender_report(report: SenderReport, packets: int, octets: int) -> bytes:
    body = _SENDER.pack(report.ssrc, report.ntp, report.rtp_timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    return _HEADER.pack(0x80, _SR, 6) + body
