import type { Both, Id, Moment, Verdict } from './types';

/** Written opinions on the wire: a decision asked of all members of a body, outside a session. */
export type SlipPhase = 'draft' | 'submitted' | 'returned' | 'sent' | 'ended' | 'recalled';
export type SlipSecrecy = 'open' | 'closed';
export type SlipAction = 'change' | 'submit' | 'return' | 'approve' | 'extend' | 'recall' | 'end' | 'answer' | 'comment' | 'reply' | 'report' | 'to_agenda';

export interface Named {
  readonly person: Id;
  readonly name: string;
}

export interface NewSlipQuestion {
  readonly text: string;
  readonly method: 'approval' | 'choice';
  readonly options?: readonly string[];
}

export interface NewSlip {
  readonly title: string;
  readonly text: string;
  readonly secrecy: SlipSecrecy;
  readonly deadline: Moment;
  readonly reminders_h: readonly number[];
  readonly ends_when_all_answered: boolean;
  readonly questions: readonly NewSlipQuestion[];
}

export interface SlipCard {
  readonly id: Id;
  readonly body: Id;
  readonly number: number;
  readonly title: string;
  readonly secrecy: SlipSecrecy;
  readonly phase: SlipPhase;
  readonly version: number;
  readonly deadline: Moment;
  readonly is_overdue: boolean;
  readonly sent_at: Moment | null;
  readonly ended_at: Moment | null;
  /** How many. */
  readonly questions: number;
  readonly asked: number;
  readonly answered: number;
  /** Null for who is not asked. */
  readonly mine: 'waiting' | 'answered' | null;
  readonly outcomes: readonly Verdict['outcome'][] | null;
}

export interface Slips {
  readonly version: number;
  readonly now: Moment;
  readonly slips: readonly SlipCard[];
}

/** One answer of a sheet; `text` is empty for none. */
export interface SlipAnswer {
  readonly question: Id;
  readonly choice: string;
  readonly text: string;
}

export interface SheetReceipt {
  readonly slip: Id;
  readonly n: number;
  readonly number: number;
  readonly hash: string;
  readonly at: Moment;
  readonly is_current: boolean;
}

export interface SlipResult {
  readonly sent: number;
  readonly answered: number;
  readonly silent: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly of_sent: Readonly<Record<string, string>>;
  readonly of_answered: Readonly<Record<string, string>>;
  readonly answers:
    | readonly { readonly person: Id; readonly name: string; readonly choice: string; readonly text: string; readonly at: Moment; readonly number: number }[]
    | null;
  readonly verdict: Verdict;
}

export interface SlipQuestion {
  readonly id: Id;
  readonly number: number;
  readonly text: string;
  readonly method: 'approval' | 'choice';
  readonly options: readonly { readonly id: string; readonly label: Both; readonly needs_text: boolean }[];
  readonly rule: { readonly sentence: Both; readonly article: Both };
  readonly result: SlipResult | null;
}

export interface SlipPaper {
  readonly id: Id;
  readonly title: string;
  readonly filename: string;
  readonly size_bytes: number;
  readonly pages: number;
  readonly digest: string;
  readonly position: number;
}

export interface SlipOpinion {
  readonly id: Id;
  readonly question: Id;
  /** Null in a closed slip, where the order says nothing either. */
  readonly person: Id | null;
  readonly name: string | null;
  readonly choice: string;
  readonly text: string;
  readonly reply: string;
}

export interface Slip {
  readonly id: Id;
  readonly body: Id;
  readonly body_name: string;
  readonly unit_name: string;
  readonly number: number;
  readonly title: string;
  readonly text: string;
  readonly secrecy: SlipSecrecy;
  readonly phase: SlipPhase;
  readonly version: number;
  readonly now: Moment;
  readonly drafted_by: Named;
  readonly drafted_at: Moment;
  readonly submitted_at: Moment | null;
  readonly return_reason: string | null;
  readonly deadline: Moment;
  readonly reminders_h: readonly number[];
  readonly ends_when_all_answered: boolean;
  readonly is_overdue: boolean;
  readonly decided_by: Named | null;
  readonly sent_at: Moment | null;
  readonly extensions: readonly { readonly at: Moment; readonly from: Moment; readonly to: Moment; readonly reason: string }[];
  readonly reminders: readonly { readonly at: Moment; readonly hours: number; readonly deadline: Moment }[];
  readonly ended_at: Moment | null;
  readonly end_cause: 'deadline' | 'all_answered' | null;
  readonly recalled_at: Moment | null;
  readonly recall_reason: string | null;
  readonly questions: readonly SlipQuestion[];
  readonly papers: readonly SlipPaper[];
  /** Frozen when the slip is sent, in order of protocol; empty before. */
  readonly roll: readonly { readonly person: Id; readonly name: string; readonly post: string; readonly order: number; readonly has_answered: boolean | null }[];
  readonly asked: number;
  readonly answered: number;
  readonly silence: Both | null;
  readonly mine: null | {
    readonly draft: readonly SlipAnswer[] | null;
    readonly sheet: null | { readonly n: number; readonly answers: readonly SlipAnswer[]; readonly receipt: SheetReceipt };
    readonly comment: string;
  };
  /** The staff's, for those who prepare. */
  readonly comments: readonly { readonly person: Id; readonly text: string }[] | null;
  readonly opinions: readonly SlipOpinion[] | null;
  readonly reports: readonly { readonly meeting: Id; readonly item: Id; readonly kind: 'report' | 'agenda'; readonly at: Moment }[];
  readonly actions: readonly SlipAction[];
}
