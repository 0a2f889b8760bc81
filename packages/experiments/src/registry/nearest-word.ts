import { distance } from 'fastest-levenshtein'

/** The known word that was most likely meant; `undefined` where none is near. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  // What only leaves letters out is nearer than what has others: `TripletLoss` is no `CircleLoss`.
  const apart = (other: string) => distance(word.toLowerCase(), other.toLowerCase()) / (isPartOf(word.toLowerCase(), other.toLowerCase()) ? 2 : 1)
  const [nearest] = [...known].map((other) => [other, apart(other)] as const).sort(([, a], [, b]) => a - b)
  // Half of the word may be wrong, but not more.
  return nearest && nearest[1] <= Math.max(word.length, nearest[0].length) / 2 ? nearest[0] : undefined
}

/** Whether all letters of a word come in another one, in their order. */
const isPartOf = (word: string, other: string): boolean => [...other].reduce((at, letter) => (letter === word[at] ? at + 1 : at), 0) === word.length

/** In words, for the end of a message: ` Did you mean …?` */
export function suggestion(word: string, known: Iterable<string>): string {
  const nearest = nearestWord(word, known)
  return nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`
}
