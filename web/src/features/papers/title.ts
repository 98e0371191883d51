/** A title from a file's name: `To_trinh-du-thao.v2.pdf` → `To trinh-du-thao.v2`. */
export function titleOf(filename: string): string {
  const words = filename
    .replace(/\.pdf$/i, '')
    .replace(/_+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const first = words.charAt(0);
  return words ? first.toLocaleUpperCase('vi') + words.slice(1) : filename;
}
