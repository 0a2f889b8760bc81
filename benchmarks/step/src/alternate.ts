import { ProcessError, say } from '@metric-learning/peer'
import type { Side } from './side.js'

/** The turns of a side; where it failed, why. */
export interface Turns<T> {
  readonly turns: readonly T[]
  readonly failure?: string
}

/**
 * Has several sides take turns, one after the other, `rounds` times. A side that failed takes no more.
 *
 * @param take gives what one turn measured
 */
export async function alternate<T>(
  sides: readonly Side[],
  rounds: number,
  take: (side: Side) => Promise<T>,
): Promise<ReadonlyMap<Side, Turns<T>>> {
  const taken = new Map<Side, { turns: T[]; failure?: string }>(sides.map((side) => [side, { turns: [] }]))
  for (let round = 0; round < rounds; round++) {
    for (const [side, so] of taken) {
      if (so.failure !== undefined) continue
      try {
        so.turns.push(await take(side))
      } catch (error) {
        if (!(error instanceof ProcessError)) throw error
        so.failure = error.reason
        say(`${side.title} failed: ${error.message}`)
      }
    }
  }
  return taken
}
