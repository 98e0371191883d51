import type { MinutesText } from '../../protocol/types';

/** One figure of the minutes and the entries of the record that prove it, numbered in reading order from 1. */
export interface Proof {
  readonly number: number;
  readonly words: string;
  /** What the figure is: the name the minutes give it, or the heading it stands under. */
  readonly about: string;
  readonly entries: readonly number[];
}

export interface Piece {
  readonly text: string;
  readonly proof: Proof | null;
}

export interface Part {
  readonly heading: string;
  readonly lines: readonly (readonly Piece[])[];
}

/** A moment, a share of all, a number of turns: what a reader takes for a figure. */
const FIGURE = /\d{1,2} giờ \d{2} phút(?: \d{2} giây)?|\d+\/\d+(?: \([\d,]+%\))?|\d+ \([\d,]+%\)|\d+ lượt/;

/** The minutes as pieces of text, each proven figure one of its own. */
export function prove(text: MinutesText): { parts: Part[]; proofs: Proof[] } {
  const proofs: Proof[] = [];
  const parts = text.sections.map((section) => ({
    heading: section.heading,
    lines: section.lines.map((line) => {
      if (line.entries.length === 0) return [{ text: line.text, proof: null }];
      return cut(line.text, marksIn(line, text, section.heading), proofs);
    }),
  }));
  return { parts, proofs };
}

interface Mark {
  readonly from: number;
  readonly to: number;
  readonly about: string;
  readonly entries: readonly number[];
}

type Line = MinutesText['sections'][number]['lines'][number];

function marksIn(line: Line, text: MinutesText, heading: string): Mark[] {
  const named = text.figures
    .filter((figure) => figure.entries.some((entry) => line.entries.includes(entry)))
    .map((figure) => ({ from: line.text.indexOf(figure.value), figure }))
    .filter(({ from }) => from >= 0)
    .map(({ from, figure }) => ({ from, to: from + figure.value.length, about: figure.name, entries: figure.entries, fits: fit(line.text, figure.name) }))
    .sort((a, b) => a.from - b.from || b.to - a.to || b.fits - a.fits);
  const apart: Mark[] = [];
  for (const mark of named) if (mark.from >= (apart.at(-1)?.to ?? 0)) apart.push(mark);
  return apart.length ? apart : [{ ...plainMark(line.text), about: heading, entries: line.entries }];
}

/** How many letters of what a figure counts stand in the line: of two with one value, the line means the one it names. */
function fit(line: string, name: string): number {
  const counted = name.slice(name.lastIndexOf(': ') + 1).trim();
  return line.toLocaleLowerCase('vi').includes(counted.toLocaleLowerCase('vi')) ? counted.length : 0;
}

/** Where no named figure stands in the line: its first figure, or what it says after its heading and colon, or all of it. */
function plainMark(text: string): { from: number; to: number } {
  const figure = FIGURE.exec(text);
  if (figure) return { from: figure.index, to: figure.index + figure[0].length };
  const end = text.endsWith('.') ? text.length - 1 : text.length;
  const colon = text.indexOf(': ');
  return colon >= 0 && colon + 2 < end ? { from: colon + 2, to: end } : { from: 0, to: end };
}

function cut(text: string, marks: readonly Mark[], proofs: Proof[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.from > at) pieces.push({ text: text.slice(at, mark.from), proof: null });
    const words = text.slice(mark.from, mark.to);
    const proof = { number: proofs.length + 1, words, about: mark.about, entries: [...new Set(mark.entries)].sort((a, b) => a - b) };
    proofs.push(proof);
    pieces.push({ text: words, proof });
    at = mark.to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), proof: null });
  return pieces;
}
