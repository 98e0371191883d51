/** Something being written, kept on this device so that a closed page loses nothing. */
export class Kept<Value> {
  constructor(readonly key: string) {}

  read(): Value | null {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? 'null') as Value | null;
    } catch {
      return null; // storage may be forbidden
    }
  }

  write(value: Value): void {
    try {
      localStorage.setItem(this.key, JSON.stringify(value));
    } catch {
      // Then it lives in the page alone.
    }
  }

  forget(): void {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was written either.
    }
  }
}
