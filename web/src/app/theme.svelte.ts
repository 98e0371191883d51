export type Theme = 'light' | 'dark';

const KEPT = 'ecabinet.theme';

/** null: as the system says. */
let chosen = $state<Theme | null>(kept());

function kept(): Theme | null {
  try {
    const theme = localStorage.getItem(KEPT);
    return theme === 'light' || theme === 'dark' ? theme : null;
  } catch {
    return null;
  }
}

/** Paint the page in the theme in force; call once at the start. */
export function applyTheme(): void {
  if (chosen) document.documentElement.dataset['theme'] = chosen;
  else delete document.documentElement.dataset['theme'];
}

export function theme(): Theme {
  return chosen ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}

export function switchTheme(): void {
  chosen = theme() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // The choice then holds for this visit only.
  }
  applyTheme();
}
