import { t } from '../../messages/index.svelte';
import type { Question } from '../../protocol/types';
import { LEVELS, type Fault, type Level, type Line, PAPERS } from './count';

/** A line of a count in words: "Số phiếu hợp lệ", "Nguyễn Văn A", "Nguyễn Văn A, tín nhiệm thấp". */
export function fieldName(field: string, lines: readonly Line[]): string {
  const paper = PAPERS.find((name) => name === field);
  if (paper) return t(`hall.papers.${paper}`);
  const [kind = '', ...rest] = field.split('.');
  const level = kind === 'ratings' ? LEVELS.find((one) => one === rest.at(-1)) : undefined;
  const id = (level ? rest.slice(0, -1) : rest).join('.');
  const label = lines.find((line) => line.id === id)?.label ?? id;
  return level ? `${label}, ${levelName(level).toLocaleLowerCase()}` : label;
}

export function levelName(level: Level): string {
  return t(`hall.level.${level}`);
}

/** What cannot be true, in a sentence. */
export function faultSaid(fault: Fault, lines: readonly Line[]): string {
  const names = fault.reason.startsWith('levels') ? (lines.find((line) => fault.fields[0]?.includes(`.${line.id}.`))?.label ?? '') : '';
  return t(`hall.fault.${fault.reason}`, { sum: fault.sum, limit: fault.limit, name: names });
}

/** What the next round of an election is called. */
export function runOffText(question: Question): string {
  const { text } = question;
  return t('hall.runOffText', { text: text.charAt(0).toLocaleLowerCase('vi') + text.slice(1) });
}
