/** What somebody has written and not sent yet, kept for this tab: a reload loses nothing. */
const name = (question: string, person: string): string => `ecabinet.hall.${question}.${person}`;

export function keep(question: string, person: string, written: unknown): void {
  try {
    sessionStorage.setItem(name(question, person), JSON.stringify(written));
  } catch {
    // Without storage it lasts as long as the page.
  }
}

export function keptOf<Written>(question: string, person: string): Written | null {
  try {
    return JSON.parse(sessionStorage.getItem(name(question, person)) ?? 'null') as Written | null;
  } catch {
    return null;
  }
}
