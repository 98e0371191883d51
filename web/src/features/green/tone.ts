/** Half a second of a soft A, as a WAV file: the browser makes no sound of its own, and no file has to be fetched. */
export function tone(): Blob {
  const [rate, seconds] = [16_000, 0.6];
  const count = rate * seconds;
  const bytes = new DataView(new ArrayBuffer(44 + count * 2));
  const text = (at: number, word: string): void => [...word].forEach((letter, index) => bytes.setUint8(at + index, letter.charCodeAt(0)));
  text(0, 'RIFF');
  bytes.setUint32(4, 36 + count * 2, true);
  text(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, 'data');
  bytes.setUint32(40, count * 2, true);
  for (let index = 0; index < count; index++) {
    const swell = Math.sin((Math.PI * index) / count);
    bytes.setInt16(44 + index * 2, Math.round(9000 * swell * Math.sin((2 * Math.PI * 440 * index) / rate)), true);
  }
  return new Blob([bytes.buffer], { type: 'audio/wav' });
}
