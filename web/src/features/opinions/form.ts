import type { NewSlip, NewSlipQuestion, Slip } from '../../protocol/slips';

/** A question while it is being written: it keeps its key when it is moved. */
export interface Draft {
  readonly key: number;
  text: string;
  method: 'approval' | 'choice';
  options: string[];
}

export interface Written {
  title: string;
  text: string;
  secrecy: NewSlip['secrecy'];
  day: string;
  time: string;
  reminders: number[];
  endsWhenAllAnswered: boolean;
  questions: Draft[];
}

export type Problem = 'title' | 'deadline' | 'questions' | 'options';

/** What a question is, once its empty lines are left out. */
export function asQuestion(draft: Draft): NewSlipQuestion {
  const text = draft.text.trim();
  return draft.method === 'approval' ? { text, method: 'approval' } : { text, method: 'choice', options: named(draft) };
}

const named = (draft: Draft): string[] => draft.options.map((option) => option.trim()).filter(Boolean);
const same = (words: string): string => words.normalize('NFC').toLocaleLowerCase('vi');

/** Whether a question can be asked as it stands. */
export function isWhole(draft: Draft): boolean {
  if (!draft.text.trim()) return false;
  const options = named(draft);
  return draft.method === 'approval' || (options.length >= 2 && new Set(options.map(same)).size === options.length);
}

/** What still keeps it from being kept, first things first; null when nothing does. */
export function problemOf(written: Written, deadline: number, now: number): Problem | null {
  if (!written.title.trim()) return 'title';
  if (!(deadline > now)) return 'deadline';
  if (written.questions.length === 0 || written.questions.some((one) => !one.text.trim())) return 'questions';
  return written.questions.every(isWhole) ? null : 'options';
}

/** A slip's questions as they are written again. */
export function draftsOf(slip: Pick<Slip, 'questions'>, locale: 'vi' | 'en'): Draft[] {
  return slip.questions.map((question) => ({
    key: question.number,
    text: question.text,
    method: question.method,
    options: question.method === 'choice' ? question.options.filter((one) => one.id.startsWith('option-')).map((one) => one.label[locale]) : ['', ''],
  }));
}
