import { Outbox, type Way } from '../../protocol/outbox.svelte';
import type { Slip, SlipAnswer } from '../../protocol/slips';
import { isComplete, packed, unpacked } from './sheet';
import { knownSheet } from './way';

type Words = Record<string, { choice: string; text: string }>;
type Mine = NonNullable<Slip['mine']>;

/**
 * My sheet on one slip: what I am writing, what is on its way, what is recorded. It lives as long as the slip's page,
 * through the slip's end, so that a sheet that came too late is still told of.
 */
export class MySheet {
  answers = $state<Words>({});
  isChanging = $state(false);
  isReading = $state(false);
  isTried = $state(false);
  /** Another device of mine has sent a sheet while this one was being written. */
  isOvertaken = $state(false);

  readonly outbox: Outbox;
  #slip = $state.raw<Slip>() as Slip;
  #began = '';
  /** What the server keeps as my draft, as far as this page knows. */
  #draft = $state.raw<readonly SlipAnswer[]>([]);

  constructor(slip: Slip, mine: Mine, way: Way) {
    this.#slip = slip;
    this.outbox = new Outbox(way, knownSheet(slip, mine));
    this.#draft = mine.draft ?? [];
    this.#begin(this.outbox.ballot.phase === 'waiting' ? this.sent : this.#latest());
  }

  get slip(): Slip {
    return this.#slip;
  }

  /** Whether answers can be written now. */
  get isOpen(): boolean {
    const { phase } = this.outbox.ballot;
    return this.#slip.phase === 'sent' && (phase === 'none' || phase === 'refused' || (phase === 'recorded' && this.isChanging));
  }

  get given(): SlipAnswer[] {
    return this.#slip.questions.map(({ id }) => ({ question: id, choice: this.answers[id]?.choice ?? '', text: this.answers[id]?.text ?? '' }));
  }

  get isComplete(): boolean {
    return isComplete(this.#slip.questions, this.given);
  }

  /** What I have written and not put aside. */
  get isUnkept(): boolean {
    const { questions } = this.#slip;
    return this.isOpen && this.#word() !== this.#began && packed(questions, this.unfinished) !== packed(questions, this.#draft);
  }

  /** What was sent: on its way, or recorded. */
  get sent(): SlipAnswer[] {
    const { ballot } = this.outbox;
    if (ballot.phase === 'waiting') return unpacked(ballot.choice);
    return ballot.phase !== 'none' && ballot.kept ? unpacked(ballot.kept.choice) : [];
  }

  /** Whether something put aside differs from what was sent. */
  get hasDraft(): boolean {
    const { questions } = this.#slip;
    return this.#draft.length > 0 && packed(questions, this.#draft) !== packed(questions, this.sent);
  }

  /** News of the slip: another device of mine may have sent. What is being written here stays as it is. */
  learn(slip: Slip): void {
    if (slip.version < this.#slip.version) return;
    const wasOpen = this.isOpen;
    const before = this.outbox.ballot;
    const isTouched = this.#word() !== this.#began;
    this.#slip = slip;
    const receipt = slip.mine && knownSheet(slip, slip.mine);
    if (receipt) this.outbox.learn(receipt);
    const { ballot } = this.outbox;
    if (wasOpen && isTouched) {
      const isNewer = ballot.phase === 'recorded' && (before.phase !== 'recorded' || ballot.n > before.n);
      if (isNewer) this.isChanging = this.isOvertaken = true;
    } else if (slip.mine && ballot.phase !== 'waiting') {
      this.#draft = slip.mine.draft ?? [];
      this.#begin(this.#latest());
    }
  }

  change(): void {
    this.#begin(this.#latest());
    this.isChanging = true;
    this.isReading = this.isTried = false;
  }

  /** What was sent stands; what was written since is given up. */
  keepSent(): void {
    this.outbox.giveUp();
    this.#draft = [];
    this.#begin(this.sent);
    this.isChanging = this.isReading = this.isTried = this.isOvertaken = false;
  }

  /** Read it back first; false when something is missing. */
  read(): boolean {
    this.isTried = true;
    this.isReading = this.isComplete;
    return this.isReading;
  }

  send(): void {
    if (!this.isOpen || !this.isComplete) return;
    const word = this.#word();
    this.isReading = this.isChanging = this.isTried = this.isOvertaken = false;
    this.#began = word;
    this.#draft = [];
    this.outbox.cast(word);
  }

  /** What to put aside now. */
  get unfinished(): SlipAnswer[] {
    return this.given.filter((one) => one.choice || one.text.trim());
  }

  /** The server has put this aside. A sheet sent meanwhile has swept it away. */
  keptAside(answers: readonly SlipAnswer[]): void {
    if (this.isOpen) this.#draft = answers;
  }

  #word(): string {
    return packed(this.#slip.questions, this.given);
  }

  #begin(from: readonly SlipAnswer[]): void {
    this.answers = Object.fromEntries(
      this.#slip.questions.map(({ id }) => {
        const found = from.find((one) => one.question === id);
        return [id, { choice: found?.choice ?? '', text: found?.text ?? '' }];
      }),
    );
    this.#began = this.#word();
  }

  /** What I begin from: what I have put aside, else what I have sent. */
  #latest(): readonly SlipAnswer[] {
    return this.#draft.length > 0 ? this.#draft : this.sent;
  }
}
