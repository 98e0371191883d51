/** Short words at the foot of the page. A toast never carries a result or a receipt: those stay until read. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly act: { readonly label: string; readonly run: () => void } | undefined;
}

const shown = $state<Toast[]>([]);
let last = 0;

export function toasts(): readonly Toast[] {
  return shown;
}

/** Show `text` for `seconds`, longer when there is something to undo (WCAG 2.2.1: it also stays while focused). */
export function toast(text: string, act?: Toast['act'], seconds = act ? 12 : 6): void {
  const id = ++last;
  shown.push({ id, text, act });
  setTimeout(() => dismiss(id), seconds * 1000);
}

export function dismiss(id: number): void {
  const index = shown.findIndex((one) => one.id === id);
  if (index < 0) return;
  if (document.activeElement?.closest(`[data-toast="${id}"]`)) {
    setTimeout(() => dismiss(id), 3000);
    return;
  }
  shown.splice(index, 1);
}
