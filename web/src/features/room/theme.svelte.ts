const KEPT = 'ecabinet.room-theme';

/** The room is dark whatever the system says, until its user turns it light. */
class RoomTheme {
  isDark = $state(true);

  constructor() {
    try {
      this.isDark = localStorage.getItem(KEPT) !== 'light';
    } catch {
      // Dark, then.
    }
  }

  toggle(): void {
    this.isDark = !this.isDark;
    try {
      localStorage.setItem(KEPT, this.isDark ? 'dark' : 'light');
    } catch {
      // The choice then holds for this visit only.
    }
  }
}

export function roomTheme(): RoomTheme {
  return new RoomTheme();
}
