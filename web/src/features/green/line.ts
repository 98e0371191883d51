/** What a line is good for, from how fast it answers and how much it carries. Pure. */
export interface Measured {
  /** Median time of a short answer, in milliseconds. */
  readonly answer_ms: number;
  /** The longest of them. */
  readonly worst_ms: number;
  /** What came down in a second, in Mbit/s. */
  readonly down_mbit: number;
}

export type LineVerdict = 'good' | 'fair' | 'poor';

/** A picture wants about 1.5 Mbit/s and answers within 150 ms; sound wants little but not late. */
export function verdictOf({ answer_ms, worst_ms, down_mbit }: Measured): LineVerdict {
  if (down_mbit < 0.3 || answer_ms > 400 || worst_ms > 2000) return 'poor';
  if (down_mbit < 2 || answer_ms > 150 || worst_ms > 600) return 'fair';
  return 'good';
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const ANSWERS = 7;

/** Ask a few times, then fetch one of our own larger files anew. Throws when the server does not answer. */
export async function measure(sample: string, signal: AbortSignal): Promise<Measured & { readonly isMediaUp: boolean }> {
  const times: number[] = [];
  let isMediaUp = true;
  for (let count = 0; count <= ANSWERS; count++) {
    const began = performance.now();
    const answer = await fetch('/healthz', { cache: 'no-store', signal });
    const health = (await answer.json()) as { media?: string };
    if (count > 0) times.push(performance.now() - began); // the first one pays for the connection
    isMediaUp = health.media !== 'down';
  }
  const began = performance.now();
  const answer = await fetch(`${sample}?measure=${Date.now()}`, { cache: 'no-store', signal });
  const bytes = (await answer.arrayBuffer()).byteLength;
  const seconds = Math.max(0.001, (performance.now() - began) / 1000);
  const carried = Number(answer.headers.get('Content-Length') ?? 0) || bytes;
  return { answer_ms: median(times), worst_ms: Math.max(...times), down_mbit: (carried * 8) / seconds / 1e6, isMediaUp };
}
