/** What crosses the wire, word for word as in server/docs/protocol.md. Moments are RFC 3339 in UTC. */

export type Id = string;
export type Moment = string;
export interface Both {
  readonly vi: string;
  readonly en: string;
}

export type Role = 'chair' | 'secretary' | 'member' | 'stand_in' | 'guest';
export type MeetingPhase = 'draft' | 'convened' | 'open' | 'paused' | 'closed' | 'cancelled';
export type MeetingKind = 'regular' | 'thematic' | 'extraordinary';
export type Mode = 'in_person' | 'remote' | 'hybrid';
export type ItemType = 'information' | 'discussion' | 'decision' | 'choice';
export type ItemPhase = 'pending' | 'current' | 'done';
export type Answer = 'pending' | 'in_person' | 'remote' | 'absent' | 'stand_in';
export type Mark = 'present' | 'absent' | 'excused';
export type Salutation = string;

export interface Me {
  readonly person: Id;
  readonly name: string;
  readonly username: string;
  readonly is_admin: boolean;
  readonly bodies: readonly {
    readonly id: Id;
    readonly name: string;
    readonly unit: string;
    readonly roles: readonly string[];
    readonly salutation: Salutation;
  }[];
}

export interface Card {
  readonly id: Id;
  readonly body: Id;
  readonly body_name: string;
  readonly title: string;
  readonly kind: MeetingKind;
  readonly mode: Mode;
  readonly place: string;
  readonly starts_at: Moment;
  readonly ends_at: Moment;
  readonly phase: MeetingPhase;
  readonly role: Role | null;
  readonly answer: Answer | null;
  readonly items: number;
  readonly votes: number;
  readonly chair_name: string | null;
  readonly late_papers: number;
  /** Minutes of each item, in order. */
  readonly beads?: readonly number[];
  /** Where each of them stands. */
  readonly bead_phases?: readonly ItemPhase[];
}

export interface Waiting {
  readonly kind: 'invitation' | 'minutes' | 'prepare' | 'slip' | 'slip_returned' | 'slip_approval';
  readonly body: Id;
  /** What waits: a session, or a slip of the body. */
  readonly meeting: Id | null;
  readonly slip: Id | null;
  readonly title: string;
  readonly body_name: string;
  readonly due_at: Moment | null;
}

export interface Desk {
  readonly now: Moment;
  readonly meetings: readonly Card[];
  readonly waiting: readonly Waiting[];
}

/** A kind of vote the body knows, with what it needs in words. `motion` names one of an association's motions. */
export interface VoteKind {
  readonly matter: Matter;
  readonly motion: string | null;
  readonly method: Method;
  readonly name: string;
  readonly sentence: string;
  readonly article: string;
  /** Whether the law says open or secret; `chosen` where the body may choose. */
  readonly form: 'open' | 'secret' | 'chosen';
}

export interface Profile {
  readonly id: Id;
  readonly name: string;
  readonly is_binding: boolean;
  readonly effective: string;
  readonly words: readonly { readonly heading: string; readonly sentence: string; readonly article: string }[];
  /** The usual kind first. */
  readonly votes: readonly VoteKind[];
}

export interface Body {
  readonly id: Id;
  readonly name: string;
  readonly unit: string;
  readonly salutation: Salutation;
  readonly members: readonly { readonly person: Id; readonly name: string; readonly post: string; readonly order: number }[];
  readonly profile: Profile;
}

export interface Person {
  readonly person: Id;
  readonly name: string;
  readonly post: string;
}

export interface NewMeeting {
  readonly title: string;
  readonly kind: MeetingKind;
  readonly mode: Mode;
  readonly place: string;
  readonly starts_at: Moment;
  readonly ends_at: Moment;
  readonly chair: Id;
  readonly floor_controls_microphone: boolean;
}

export interface NewItem {
  readonly title: string;
  readonly type: ItemType;
  readonly presenter: string;
  readonly minutes: number;
}

export interface Receipt {
  readonly question: Id;
  readonly choice: string;
  readonly n: number;
  /** The entry in the ledger. */
  readonly number: number;
  /** SHA-256 of the canonical ballot, hex. */
  readonly hash: string;
  readonly at: Moment;
  readonly is_current: boolean;
}

export interface RecordEntry {
  readonly number: number;
  readonly type: string;
  readonly at: Moment;
  readonly actor: Id | null;
  readonly actor_name: string | null;
  /** Null when it was erased, or is not for me, or not yet. */
  readonly payload: Readonly<Record<string, unknown>> | null;
}

export interface MinutesText {
  readonly id: Id;
  readonly version: number;
  readonly drafted_at: Moment;
  readonly digest: string;
  readonly figures: readonly { readonly name: string; readonly value: string; readonly entries: readonly number[] }[];
  readonly sections: readonly {
    readonly heading: string;
    readonly lines: readonly { readonly text: string; readonly entries: readonly number[] }[];
  }[];
}

export interface Ticket {
  readonly url: string;
  readonly token: string;
  readonly room: string;
  readonly sources: readonly string[];
}

/* --- the live view: collections of entries --- */

export interface Meeting {
  readonly id: Id;
  readonly body: Id;
  readonly body_name: string;
  readonly unit_name: string;
  readonly salutation: Salutation;
  readonly title: string;
  readonly kind: MeetingKind;
  readonly mode: Mode;
  readonly place: string;
  readonly starts_at: Moment;
  readonly ends_at: Moment;
  readonly phase: MeetingPhase;
  readonly convened_at: Moment | null;
  readonly opened_at: Moment | null;
  readonly closed_at: Moment | null;
  readonly current_item: Id | null;
  readonly floor_controls_microphone: boolean;
  readonly papers_due_at: Moment | null;
  readonly papers_due_article: Both | null;
  readonly profile: {
    readonly id: Id;
    readonly name: string;
    readonly is_binding: boolean;
    /** Where it is written who decides that a session is recorded; null where nothing is known. */
    readonly recording: { readonly text: Both; readonly article: Both } | null;
  };
  readonly cancel_reason: string | null;
}

export interface Item {
  readonly id: Id;
  readonly position: number;
  readonly title: string;
  readonly type: ItemType;
  readonly presenter: string;
  readonly minutes: number;
  readonly phase: ItemPhase;
  readonly started_at: Moment | null;
  readonly ended_at: Moment | null;
  readonly conclusion: string | null;
}

export interface Note {
  readonly id: Id;
  readonly text: string;
}

export interface Participant {
  readonly id: Id;
  readonly name: string;
  readonly post: string;
  readonly role: Role;
  readonly order: number;
  readonly votes: boolean;
  /** What a guest is here for; null means the whole meeting. */
  readonly items: readonly Id[] | null;
  readonly stands_in_for: Id | null;
  readonly answer: Answer;
  readonly answered_at: Moment | null;
}

/** Why someone is absent or sends another: for the chair, the secretaries and the person alone. */
export interface Reason {
  readonly id: Id;
  /** As the answer to the invitation gives it. */
  readonly reason: string | null;
  /** As the roll call has it. */
  readonly roll_reason: string | null;
}

export interface Presence {
  readonly id: Id;
  readonly is_connected: boolean;
  readonly mark: Mark | null;
  readonly is_present: boolean;
  readonly since: Moment | null;
}

export interface Quorum {
  readonly id: Id;
  readonly members: number;
  readonly present: number;
  readonly needed: number;
  readonly is_quorate: boolean;
  readonly article: Both;
}

export interface Paper {
  readonly id: Id;
  readonly item: Id;
  readonly title: string;
  readonly filename: string;
  readonly size_bytes: number;
  readonly pages: number;
  readonly digest: string;
  readonly added_at: Moment;
  readonly is_late: boolean;
  readonly position: number;
}

export interface Turn {
  readonly id: Id;
  readonly person: Id;
  readonly item: Id | null;
  readonly status: 'waiting' | 'speaking' | 'done' | 'withdrawn';
  readonly asked_at: Moment;
  readonly started_at: Moment | null;
  readonly ended_at: Moment | null;
  readonly allotted_s: number | null;
}

export type Matter = 'resolution' | 'removal' | 'reduced' | 'choice' | 'confidence' | 'motion';
export type Method = 'approval' | 'choice' | 'election' | 'rating';
/** How the ballots come in; `paper` is the secret ballot in the hall. */
export type Way = 'electronic' | 'hands' | 'paper';
export type QuestionKind = 'whole' | 'part' | 'amendment' | 'block';
export type QuestionStatus = 'open' | 'paused' | 'closed' | 'cancelled' | 'annulled';

export interface Verdict {
  readonly outcome: 'passed' | 'not_passed' | 'no_quorum' | 'no_majority' | 'undecided';
  readonly option: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly not_voted: number;
  readonly absent: number;
  readonly base: number;
  readonly base_name: string;
  /** The smallest number that suffices. */
  readonly needed: number;
  readonly shares: Readonly<Record<string, string>>;
  /** Percent of all members, by what is counted: took_part, option ids, not_voted, absent, invalid. */
  readonly shares_of_all?: Readonly<Record<string, string>>;
  readonly tie: null | { readonly rule: string; readonly sentence: Both | string };
  readonly is_binding: boolean;
  readonly sentence: Both;
  readonly article: Both;
}

export interface Election {
  readonly elected: readonly string[];
  readonly run_off: readonly string[];
  readonly seats_left: number;
  readonly needed: number;
  readonly base: number;
  readonly rows: readonly { readonly id: string; readonly votes: number; readonly share: string; readonly reached: boolean }[];
  readonly sentence: Both;
  readonly article: Both;
}

export interface Rating {
  readonly id: string;
  readonly high: number;
  readonly mid: number;
  readonly low: number;
  readonly shares: Readonly<Record<string, string>>;
  readonly outcome: 'none' | 'may_resign' | 'relieve';
  readonly sentence: Both;
  readonly article: Both;
}

export interface CastBallot {
  readonly person: Id;
  readonly name: string;
  readonly choice: string;
  readonly at: Moment;
  readonly number: number;
  /** The words of another opinion, and the PDF sent with them. */
  readonly opinion?: string | null;
  readonly attachment?: { readonly id: Id; readonly filename: string; readonly size_bytes: number } | null;
  /** Who answered for the person, where the body allows it. */
  readonly cast_by?: Id | null;
  /** Shown by hand and written down by two people. */
  readonly is_by_hands?: boolean;
}

export interface Question {
  readonly id: Id;
  readonly item: Id;
  /** Several when items are adopted in a block. */
  readonly items: readonly Id[];
  readonly number: number;
  readonly text: string;
  readonly matter: Matter;
  readonly motion: string | null;
  readonly method: Method;
  readonly way: Way;
  readonly secrecy: 'open' | 'secret';
  readonly kind: QuestionKind;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly candidates: readonly { readonly id: string; readonly name: string; readonly person?: Id | null }[] | null;
  readonly seats: number | null;
  readonly board: { readonly head: Id; readonly members: readonly Id[] } | null;
  readonly status: QuestionStatus;
  readonly opened_at: Moment;
  /** When the time given runs out; a picture only, nothing closes by itself. */
  readonly until: Moment | null;
  readonly closed_at: Moment | null;
  readonly roll: readonly Id[];
  /** Who is on the roll through somebody else: member → who votes for him. */
  readonly proxies: Readonly<Record<Id, Id>>;
  readonly members: number;
  readonly present: number;
  readonly recused: number;
  readonly remaining: number | null;
  readonly rule: { readonly sentence: Both; readonly article: Both };
  readonly ballots: readonly CastBallot[] | null;
  readonly papers: { readonly issued: number; readonly returned: number; readonly valid: number; readonly invalid: number } | null;
  readonly verdict: Verdict | null;
  /** Instead of a verdict, where names were voted on. */
  readonly election: Election | null;
  readonly ratings: readonly Rating[] | null;
  /** Who settles a tie by this body's rule; null where nobody does. */
  readonly settler: Id | null;
  readonly settled: { readonly by: Id; readonly side: 'for' | 'against'; readonly at: Moment } | null;
  readonly repeats: Id | null;
  readonly repeated_by: Id | null;
  readonly annul_reason: string | null;
  readonly cancel_reason: string | null;
}

/** A question the chair means to put: parts and amendments before the whole, in their order. */
export interface Plan {
  readonly id: Id;
  readonly item: Id;
  readonly position: number;
  readonly kind: 'whole' | 'part' | 'amendment';
  readonly text: string;
  readonly method: Method;
  readonly matter: Matter;
  readonly options: readonly string[];
  /** The question it became, once put. */
  readonly question: Id | null;
}

/** "I lost my line during the vote." */
export interface Incident {
  readonly id: Id;
  readonly item: Id;
  readonly items: readonly Id[];
  readonly question: Id;
  readonly person: Id;
  readonly at: Moment;
}

export type Stance = 'no_objection' | 'opinion' | 'floor';

/** What a member declared on an item before the session. */
export interface Position {
  readonly id: string;
  readonly item: Id;
  readonly person: Id;
  readonly stance: Stance;
  /** Empty when there is none. */
  readonly text: string;
  /** Whether the other members see it: once the meeting has opened. */
  readonly is_shown: boolean;
}

/** The tellers' board the meeting elected. */
export interface Board {
  readonly id: Id;
  readonly head: Id;
  readonly members: readonly Id[];
  readonly question: Id;
  readonly seated_at: Moment;
}

/** Who stays out of an item for a conflict of interest. */
export interface Recusal {
  readonly id: string;
  readonly item: Id;
  readonly person: Id;
  /** Declared by the person, who may take it back. */
  readonly is_own: boolean;
  /** For the chair, the secretaries and the person alone. */
  readonly reason: string | null;
}

/** An absent member's vote in the hands of one who is there, where the body allows it. */
export interface Proxy {
  readonly id: Id;
  readonly giver: Id;
  readonly holder: Id;
}

/** How many have answered a question: all that is known while it is open. */
export interface Turnout {
  readonly id: Id;
  readonly item: Id;
  readonly items: readonly Id[];
  readonly received: number;
}

export interface Minutes {
  readonly id: Id;
  readonly version: number;
  readonly drafted_at: Moment;
  readonly drafted_by: Id;
  readonly digest: string;
}

/** The room asked without names: sums only, and only from five answers on. */
export interface StrawPoll {
  readonly id: Id;
  readonly item: Id;
  readonly text: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly status: 'open' | 'closed' | 'cancelled';
  readonly roll: readonly Id[];
  readonly opened_at: Moment;
  readonly closed_at: Moment | null;
  readonly answered: number | null;
  readonly counts: Readonly<Record<string, number>> | null;
  readonly cancel_reason: string | null;
}

/** What the media server recorded in one go, and the film of it. */
export interface RecordingPart {
  readonly n: number;
  readonly begun_at: Moment;
  readonly size_bytes: number | null;
  readonly digest: string | null;
  readonly manifest_digest: string | null;
  readonly fault: RecordingFault | null;
}

export type RecordingFault = 'nothing_recorded' | 'not_composed' | 'lost' | 'no_room' | 'altered' | 'given_up';

export interface Recording {
  readonly id: Id;
  readonly number: number;
  readonly phase: 'running' | 'composing' | 'finished' | 'failed';
  readonly started_at: Moment;
  readonly started_by: Id;
  readonly stopped_at: Moment | null;
  readonly cause: 'chair' | 'break' | 'end' | null;
  readonly fault: RecordingFault | null;
  /** Null for whoever has no access to the films. */
  readonly parts: readonly RecordingPart[] | null;
}

/** Somebody has said that he knows of a recording. */
export interface Acknowledgement {
  readonly id: Id;
  readonly recording: Id;
  readonly person: Id;
  readonly at: Moment;
}

/** How far two people are with writing down a vote of the hall: for those who write, count or lead; never its numbers. */
export interface HallSheet {
  readonly id: Id;
  readonly item: Id;
  readonly items: readonly Id[];
  readonly question: Id;
  readonly status: 'entered' | 'differs' | 'agreed';
  readonly entered_by: Id;
  readonly entered_at: Moment;
  readonly second_by: Id | null;
  /** People, or lines of a count. */
  readonly differs: readonly string[];
}

export interface Collections {
  hands: HallSheet;
  counts: HallSheet;
  straw_polls: StrawPoll;
  recordings: Recording;
  acknowledgements: Acknowledgement;
  meetings: Meeting;
  items: Item;
  notes: Note;
  participants: Participant;
  reasons: Reason;
  presences: Presence;
  quorums: Quorum;
  papers: Paper;
  turns: Turn;
  questions: Question;
  turnouts: Turnout;
  plans: Plan;
  incidents: Incident;
  positions: Position;
  recusals: Recusal;
  proxies: Proxy;
  boards: Board;
  minutes: Minutes;
}

/** Any view: each collection an id → entry table. A collection nobody wrote yet may be missing. */
export type View = { readonly [Name in keyof Collections]?: Readonly<Record<Id, Collections[Name]>> };

/** The body of an event: entries as they now stand, null for what is gone. */
export type Change = { readonly [Name in keyof Collections]?: Readonly<Record<Id, Collections[Name] | null>> };

export interface Event {
  readonly meeting: Id;
  readonly seq: number;
  readonly type: string;
  readonly at: Moment;
  readonly body: Change;
}

export interface MyPart {
  readonly person: Id;
  readonly name: string;
  readonly role: Role | null;
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  readonly items: readonly Id[] | null;
  /** The items I have withdrawn from. */
  readonly recused: readonly Id[];
  readonly ballots: Readonly<Record<Id, { readonly choice: string; readonly n: number; readonly receipt: Receipt }>>;
  /** Those I cast for absent members: question → member. */
  readonly mandates?: Readonly<Record<Id, Readonly<Record<Id, { readonly receipt: Receipt }>>>>;
}

export interface FreshEntry {
  readonly meeting: Id;
  readonly seq: number;
  readonly view: View;
  readonly me: MyPart;
}

export interface MissedEntry {
  readonly meeting: Id;
  readonly seq: number;
  readonly events: readonly Event[];
  readonly me: MyPart;
}

export type Entry = FreshEntry | MissedEntry;
