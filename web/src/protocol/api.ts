/**
 * One way to ask the server. Every answer is the value or an `ApiRefusal`; a line that is down is one too, with the
 * code `offline`, so that a screen has one place to handle what went wrong.
 */
export class ApiRefusal extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: Readonly<Record<string, unknown>> = {},
    /** What to tell support; null when the server was not reached. */
    readonly request: string | null = null,
  ) {
    super(code);
    this.name = 'ApiRefusal';
  }
}

export function refusalOf(error: unknown): ApiRefusal {
  if (error instanceof ApiRefusal) return error;
  return new ApiRefusal('unexpected', 0, { message: String(error) });
}

let whenSignedOut: () => void = () => undefined;

/** Hear when the sign-in session has ended in the middle of work. */
export function onSignedOut(hear: () => void): void {
  whenSignedOut = hear;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Asking {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** What every request carries besides its body; the language decides the words of rule profiles. */
function headers(method: Method, body: unknown): HeadersInit {
  const given: Record<string, string> = { 'Accept-Language': document.documentElement.lang || 'vi' };
  if (method !== 'GET') given['X-Req'] = '1';
  if (body !== undefined) given['Content-Type'] = 'application/json';
  return given;
}

async function ask(method: Method, path: string, { body, signal }: Asking = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: headers(method, body),
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiRefusal('offline', 0);
  }
  if (!answer.ok) {
    const refusal = refused(answer.status, await answer.text(), answer.headers.get('Retry-After'));
    if (refusal.code === 'not_signed_in') whenSignedOut();
    throw refusal;
  }
  return answer;
}

/** Read a refusal from its body; a proxy's page instead of ours counts as `unavailable`. */
export function refused(status: number, text: string, retryAfter: string | null = null): ApiRefusal {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; detail?: Record<string, unknown>; request?: string } };
    return new ApiRefusal(error.code, status, error.detail ?? {}, error.request ?? null);
  } catch {
    const detail = retryAfter ? { retry_after_s: Number(retryAfter) } : {};
    return new ApiRefusal(status === 429 ? 'too_many' : 'unavailable', status, detail);
  }
}

export async function get<Value>(path: string, signal?: AbortSignal): Promise<Value> {
  const answer = await ask('GET', path, signal ? { signal } : {});
  return (await answer.json()) as Value;
}

/** The same, or null when the server says that nothing has changed (204). */
export async function getNews<Value>(path: string, signal?: AbortSignal): Promise<Value | null> {
  const answer = await ask('GET', path, signal ? { signal } : {});
  return answer.status === 204 ? null : ((await answer.json()) as Value);
}

/** The bytes of a paper or of minutes. */
export async function getBytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer> {
  const answer = await ask('GET', path, signal ? { signal } : {});
  return answer.arrayBuffer();
}

/** Why a file cannot be had that an element of the page asked for by itself; null when it can. Nothing of it is read. */
export async function refusalAt(path: string): Promise<ApiRefusal | null> {
  try {
    const answer = await ask('GET', path);
    await answer.body?.cancel();
    return null;
  } catch (error) {
    return refusalOf(error);
  }
}

/** Send a write; what comes back is the answer's JSON, or nothing for 204. */
export async function send<Value = void>(method: Exclude<Method, 'GET'>, path: string, body?: unknown): Promise<Value> {
  const answer = await ask(method, path, body === undefined ? {} : { body });
  if (answer.status === 204) return undefined as Value;
  return (await answer.json()) as Value;
}

/** A path with its parts made safe: path`/api/meetings/${id}` */
export function path(words: TemplateStringsArray, ...parts: readonly string[]): string {
  return words.reduce((so_far, word, index) => so_far + encodeURIComponent(parts[index - 1] ?? '') + word);
}
