/** How long after the end a lost line may still be reported. */
const REPORT_MS = 15 * 60_000;

export function mayReport(closedAt: string | null, now: number): boolean {
  return closedAt === null || now - Date.parse(closedAt) <= REPORT_MS;
}
