/**
 * What fits on a small name plate: without the post that the name begins with; of a person's name of three or more
 * words the last two. A title used as a name stays whole and is cut where the plate ends.
 */
export function plateOf(name: string, post: string): string {
  if (post && name.startsWith(`${post} `)) return name.slice(post.length + 1);
  const words = name.split(' ');
  const isPersonal = words.length >= 3 && words.length <= 5 && words.every((word) => /^\p{Lu}\p{Ll}*$/u.test(word));
  return isPersonal ? words.slice(-2).join(' ') : name;
}
