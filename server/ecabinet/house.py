"""What lives as long as the process, and the doors to it. With `services` the only place that knows every slice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from ecabinet.adapters.blobs import FileBlobs
from ecabinet.adapters.bus import Bus
from ecabinet.adapters.clock import RandomIds, SystemClock, SystemRandom
from ecabinet.adapters.database import Database
from ecabinet.adapters.egress import LiveKitEgress
from ecabinet.adapters.keys import FileSigner
from ecabinet.adapters.livekit import ApiKey, LiveKitRooms, MediaServer
from ecabinet.adapters.outbox import Changes
from ecabinet.adapters.passwords import Argon2Passwords
from ecabinet.adapters.pdf import PdfReader
from ecabinet.adapters.relay import RelayFleet, RelayPlace, relay_key
from ecabinet.adapters.takes import FolderTakes
from ecabinet.adapters.typesetter import Typesetter
from ecabinet.adapters.unit_of_work import Act, Projector, UnitOfWork, together
from ecabinet.attendance.http import AttendanceHttp
from ecabinet.attendance.realtime import AttendanceRealtime
from ecabinet.attendance.service import Attendance
from ecabinet.edge.headers import Origins
from ecabinet.edge.live import Collection, Live
from ecabinet.edge.routes import Route
from ecabinet.hall.http import HallHttp
from ecabinet.hall.printing import Press as TellersPress
from ecabinet.hall.realtime import HallRealtime
from ecabinet.hall.service import Hall
from ecabinet.identity.http import IdentityHttp, Recognition
from ecabinet.identity.model import AccessRefused
from ecabinet.identity.service import Identity, Throttle
from ecabinet.kernel.clock import Clock
from ecabinet.kernel.events import Event
from ecabinet.kernel.ids import ItemId, MeetingId, PersonId
from ecabinet.kernel.ports import Ids
from ecabinet.ledger.http import LedgerHttp
from ecabinet.ledger.jobs import Checkpointing
from ecabinet.ledger.service import Ledger, Trees
from ecabinet.ledger.sql import SqlLedger
from ecabinet.media.http import MediaHttp
from ecabinet.media.jobs import MediaJobs
from ecabinet.media.realtime import MediaRealtime
from ecabinet.media.service import Media
from ecabinet.meetings.http import MeetingsHttp
from ecabinet.meetings.realtime import MeetingsRealtime
from ecabinet.meetings.service import Meetings
from ecabinet.meetings.sql import SqlMeetings
from ecabinet.minutes.http import MinutesHttp
from ecabinet.minutes.realtime import MinutesRealtime
from ecabinet.minutes.service import Minutes, Press
from ecabinet.minutes.sql import SqlMinutes
from ecabinet.opinions.http import OpinionsHttp
from ecabinet.opinions.jobs import SlipJobs
from ecabinet.opinions.printing import Press as SlipPress
from ecabinet.opinions.service import Opinions
from ecabinet.papers.http import PapersHttp
from ecabinet.papers.realtime import PapersRealtime
from ecabinet.papers.service import Papers
from ecabinet.positions.http import PositionsHttp
from ecabinet.positions.realtime import PositionsRealtime
from ecabinet.positions.service import Positions
from ecabinet.publication.http import PublicationHttp, SheetProofsHttp
from ecabinet.publication.service import Publication
from ecabinet.recordings.films import Films, Outside
from ecabinet.recordings.http import RecordingsHttp
from ecabinet.recordings.jobs import RecordingJobs
from ecabinet.recordings.realtime import RecordingsRealtime
from ecabinet.recordings.service import Recordings
from ecabinet.register.http import RegisterHttp
from ecabinet.register.service import Register
from ecabinet.services import Services, votes_on
from ecabinet.settings import Settings
from ecabinet.speaking.http import SpeakingHttp
from ecabinet.speaking.realtime import SpeakingRealtime
from ecabinet.speaking.service import Speaking
from ecabinet.straw.http import StrawHttp
from ecabinet.straw.realtime import StrawRealtime
from ecabinet.straw.service import Straw
from ecabinet.straw.sql import SqlStrawPolls
from ecabinet.voting.attachments import Attachments
from ecabinet.voting.ballots_http import AttachmentsHttp, BallotsHttp
from ecabinet.voting.casting import Asked, Casting
from ecabinet.voting.http import VotingHttp
from ecabinet.voting.jobs import BallotLane
from ecabinet.voting.planning import Planning
from ecabinet.voting.plans_http import PlansHttp
from ecabinet.voting.plans_realtime import PlansRealtime
from ecabinet.voting.realtime import VotingRealtime
from ecabinet.voting.service import Voting

_Service = TypeVar("_Service")


class _Realtime(Protocol):
    """A slice's part of a meeting's view."""

    def collections(self) -> list[Collection]:
        """Which entries there are, and who may see one."""
        ...

    def projectors(self) -> dict[type[Event], Projector]:
        """Which entries an event changed."""
        ...


@dataclass
class House:
    """One installation. Services are made afresh for each act; the rest lives as long as the process."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    ids: Ids = field(default_factory=RandomIds)
    asked: Asked = field(default_factory=Asked)
    """Questions as they were put."""
    trees: Trees = field(default_factory=Trees)
    """What the record's proofs are cut from."""

    def __post_init__(self) -> None:
        self.settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def require_sound(self) -> None:
        """What must hold before the doors open. Raises NotDurable, KeyUnusable, and RecordBroken when another key
        than ours has signed the record: it would show at the end of a meeting, when its minutes are to be sealed."""
        await self.database.require_durability()
        async with self.uow.reading() as act:
            await self.ledger(act).require_ours()

    # --- what lives as long as the process ---

    @cached_property
    def origins(self) -> Origins:
        """Where the page lives and what it may reach."""
        return Origins(self.settings.page, self.settings.media_page_urls)

    @cached_property
    def database(self) -> Database:
        """The one database."""
        return Database(self.settings.database)

    @cached_property
    def blobs(self) -> FileBlobs:
        """Papers and minutes."""
        return FileBlobs(self.settings.data / "blobs")

    @cached_property
    def uow(self) -> UnitOfWork:
        """Runs every act."""
        return UnitOfWork(self.database, SqlLedger(self.random), self.projectors(), Bus())

    @cached_property
    def random(self) -> SystemRandom:
        """Unpredictable bytes."""
        return SystemRandom()

    @cached_property
    def passwords(self) -> Argon2Passwords:
        """Slow hashes behind a queue."""
        return Argon2Passwords()

    @cached_property
    def signer(self) -> FileSigner:
        """The key that vouches for the record."""
        host = self.origins.page.partition("://")[2].replace(":", "-")
        return FileSigner.open(self.settings.data / "ledger.key", host)

    @cached_property
    def press(self) -> Press:
        """Sets minutes in type."""
        fonts = Path(str(files("ecabinet.minutes") / "fonts"))
        return Press(Typesetter(fonts), self.blobs, self.clock)

    @cached_property
    def recognition(self) -> Recognition:
        """From cookies to people."""
        return Recognition(self.uow, self.identity)

    @cached_property
    def media_key(self) -> ApiKey:
        """What the media server knows us by."""
        if self.settings.livekit_url:
            return ApiKey(self.settings.livekit_key, self.settings.livekit_secret)
        return relay_key(self.settings.data)

    @cached_property
    def media_rooms(self) -> LiveKitRooms:
        """The media servers: those of the settings, or our own relays."""
        pages, first = self.settings.media_page_urls, self.settings.relay_port
        if self.settings.livekit_url:
            return LiveKitRooms([MediaServer(self.settings.livekit_url, pages[0])], self.media_key)
        servers = [MediaServer(f"http://127.0.0.1:{first + each}", page) for each, page in enumerate(pages)]
        return LiveKitRooms(servers, self.media_key)

    @cached_property
    def relays(self) -> RelayFleet | None:
        """Our own relays with their supervisors; None when the settings name a LiveKit server."""
        if self.settings.livekit_url:
            return None
        addresses = tuple(each.strip() for each in self.settings.relay_addresses.split(",") if each.strip())
        place = RelayPlace(
            self.settings.relay_port,
            self.settings.relay_media_port,
            addresses,
            f"http://127.0.0.1:{self.settings.port}/api/media/events",
            self._recordings_folder,
            self.settings.recording_reserve_bytes,
        )
        return RelayFleet.of(self.settings.relays, self.settings.data, place, self.media_key, self.media_rooms.ping)

    @cached_property
    def media_jobs(self) -> MediaJobs:
        """Keeps the call in line with the meeting."""
        return MediaJobs(self.uow, self.media, self.media_rooms)

    @cached_property
    def recording_jobs(self) -> RecordingJobs:
        """Has recorded what the chair decided, and keeps what comes of it."""
        rooms, takes = self.media_rooms, FolderTakes(self._recordings_folder)
        egress = LiveKitEgress(rooms.servers, rooms.asking)
        outside = Outside(egress, takes, Films(self.blobs), self.settings.recording_reserve_bytes)
        return RecordingJobs(self.uow, self.recordings, outside, self.media_jobs.reconcile, self.ids, self.clock)

    @property
    def _recordings_folder(self) -> Path:
        return self.settings.data.resolve() / "recordings"

    @cached_property
    def ballot_lane(self) -> BallotLane:
        """Where ballots arrive."""
        return BallotLane(self.uow, self.casting)

    @cached_property
    def slip_jobs(self) -> SlipJobs:
        """Reminds and ends in time."""
        return SlipJobs(self.uow, self.opinions)

    @cached_property
    def checkpointing(self) -> Checkpointing:
        """Signs the record as it grows."""
        return Checkpointing(self.uow, self.ledger)

    @cached_property
    def live(self) -> Live:
        """Everything a meeting's view is made of."""
        collections: list[Collection] = []
        for slice_ in self._realtime():
            collections += slice_.collections()
        return Live.of(collections)

    # --- services, for one act ---

    def ledger(self, act: Act) -> Ledger:
        """The record."""
        return Services(act, self).ledger

    def identity(self, act: Act) -> Identity:
        """Accounts and sign-in."""
        return Services(act, self).identity

    def register(self, act: Act) -> Register:
        """Bodies and who sits in them."""
        return Services(act, self).register

    def meetings(self, act: Act) -> Meetings:
        """Meetings and their agenda."""
        return Services(act, self).meetings

    def attendance(self, act: Act) -> Attendance:
        """Presence, recusals and quorum."""
        return Services(act, self).attendance

    def papers(self, act: Act) -> Papers:
        """What hangs on the items."""
        return Services(act, self).papers

    def speaking(self, act: Act) -> Speaking:
        """The queue and the floor."""
        return Services(act, self).speaking

    def media(self, act: Act) -> Media:
        """Who may be heard in the call."""
        return Services(act, self).media

    def recordings(self, act: Act) -> Recordings:
        """What is recorded, and who knows."""
        return Services(act, self).recordings

    def positions(self, act: Act) -> Positions:
        """What members declare beforehand."""
        return Services(act, self).positions

    def voting(self, act: Act) -> Voting:
        """Questions and their verdicts."""
        return Services(act, self).voting

    def planning(self, act: Act) -> Planning:
        """What is put on the items, and who votes for whom."""
        return Services(act, self).planning

    def casting(self, act: Act) -> Casting:
        """Ballots."""
        return Services(act, self).casting

    def attachments(self, act: Act) -> Attachments:
        """What goes with opinions on ballots."""
        return Services(act, self).attachments

    def hall(self, act: Act) -> Hall:
        """Votes of the hall."""
        return Services(act, self).hall

    def straw(self, act: Act) -> Straw:
        """Straw polls."""
        return Services(act, self).straw

    def opinions(self, act: Act) -> Opinions:
        """What is asked in writing, outside meetings."""
        return Services(act, self).opinions

    def minutes(self, act: Act) -> Minutes:
        """Minutes from the record."""
        return Services(act, self).minutes

    def publication(self, act: Act) -> Publication:
        """Bundles."""
        return Services(act, self).publication

    def reading(self, make: Callable[[Act], _Service]) -> Callable[[AsyncConnection], _Service]:
        """A service on a bare connection, for views."""
        return lambda connection: make(Act(connection, self.uow.recorder))

    # --- the wire ---

    def routes(self) -> list[Route]:
        """Every slice's routes."""
        uow, pdfs = self.uow, PdfReader()
        slips = SlipPress(self.press.typesetter, self.blobs, pdfs, ZoneInfo(self.settings.time_zone))
        slices = (
            # First, for the router walks the routes in this order and hundreds vote at once.
            BallotsHttp(uow, self.casting, self.ballot_lane.cast),
            IdentityHttp(uow, self.identity, Throttle(), self.recognition, self.settings.behind_proxy),
            RegisterHttp(uow, self.register, self.identity),
            MeetingsHttp(uow, self.meetings),
            AttendanceHttp(uow, self.attendance),
            papers := PapersHttp(uow, self.papers, self.blobs, pdfs, self.settings.paper_limit_bytes),
            SpeakingHttp(uow, self.speaking),
            PositionsHttp(uow, self.positions),
            MediaHttp(uow, self.media, self.media_rooms, self.media_jobs.reconcile),
            RecordingsHttp(
                *(uow, self.recordings, self.recording_jobs.outside, self.recording_jobs),
                is_ours=not self.settings.livekit_url,
            ),
            StrawHttp(uow, self.straw),
            VotingHttp(uow, self.voting),
            PlansHttp(uow, self.planning),
            HallHttp(uow, self.hall, TellersPress(self.press.typesetter)),
            AttachmentsHttp(uow, self.attachments, papers, self.blobs),
            OpinionsHttp(uow, self.opinions, papers, self.blobs, slips),
            MinutesHttp(uow, self.minutes, self.press, self.blobs),
            LedgerHttp(uow, self.ledger),
            PublicationHttp(uow, self.publication),
            SheetProofsHttp(uow, self.publication, self.opinions),
        )
        return [route for each in slices for route in each.routes()]

    def projectors(self) -> Mapping[type[Event], Projector | None]:
        """What each event changes in its meeting's view. None: recorded, and not told."""
        found: dict[type[Event], Projector | None] = {AccessRefused: None}
        for slice_ in self._realtime():
            for kind, projector in slice_.projectors().items():
                first = found.get(kind)
                found[kind] = projector if first is None else together(first, projector)
        return found

    async def _of_item(self, meeting: MeetingId, item: ItemId, connection: AsyncConnection) -> Changes:
        return await self.live.of_item(meeting, item, connection)

    async def _people(self, meeting: MeetingId, connection: AsyncConnection) -> frozenset[PersonId]:
        found = await SqlMeetings(connection).get(meeting)
        return frozenset(each.person for each in found.participants)

    def _realtime(self) -> tuple[_Realtime, ...]:
        attendance = AttendanceRealtime(self.reading(lambda act: Services(act, self).plain_attendance), self._of_item)
        return (
            MeetingsRealtime(self.reading(lambda act: Services(act, self).plain_meetings), attendance.strength),
            attendance,
            PapersRealtime(),
            SpeakingRealtime(),
            PositionsRealtime(self.reading(self.positions)),
            MediaRealtime(),
            RecordingsRealtime(),
            StrawRealtime(lambda connection: SqlStrawPolls(connection, self.random.bytes)),
            VotingRealtime(votes_on),
            PlansRealtime(votes_on, self._people),
            HallRealtime(self.reading(self.hall)),
            MinutesRealtime(SqlMinutes),
        )
