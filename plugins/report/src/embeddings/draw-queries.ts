import { rowsByLabel, type Random } from '@metric-learning/contracts'

/** A sample that stands for its class. */
export interface Query {
  readonly label: number
  /** Its place among the recorded rows. */
  readonly index: number
}

/**
 * Draws up to `count` classes at random and one sample of each. Classes with a single sample are
 * passed over: nothing of their own could be found.
 */
export function drawQueries(labels: readonly number[], count: number, random: Random): Query[] {
  const classes = [...rowsByLabel(labels)].filter(([, members]) => members.length > 1)
  return random
    .shuffle(classes)
    .slice(0, count)
    .map(([label, members]) => ({ label, index: members[random.int(members.length)]! }))
}
