import * as tf from '@tensorflow/tfjs-core'
import type { NestedJudge } from '@metric-learning/contracts'
import { comparedBy } from '@metric-learning/ops'
import type { ObservedJudge } from './observed-judges.js'

/**
 * In how many steps a loss had nothing to compare, because its miner selected nothing that it could learn from, or the batch has nothing of
 * the kind. Counted on the device, read where a run is looked at anyway, and saved with it.
 */
export class EmptySelections {
  /** By judge: int32 []. */
  readonly counts: ReadonlyMap<string, tf.Variable<tf.Rank.R0>>
  readonly #judges: ReadonlyMap<string, ObservedJudge>
  readonly #warned = new Set<string>()

  constructor(judges: readonly ObservedJudge[]) {
    this.#judges = new Map(judges.filter(canBeEmpty).map((judge) => [judge.path, judge]))
    this.counts = new Map([...this.#judges.keys()].map((path) => [path, tf.tidy(() => tf.variable(tf.scalar(0, 'int32'), false))]))
  }

  /** Inside the step. */
  count(path: string, isEmpty: tf.Scalar): void {
    const count = this.counts.get(path)
    if (count) tf.tidy(() => { count.assign(tf.add(count, isEmpty)) })
  }

  /**
   * The counts that are above 0, by judge. The first time that one is there is a warning.
   *
   * @param steps of the run so far
   */
  async read(steps: number): Promise<Readonly<Record<string, number>>> {
    const found: Record<string, number> = {}
    for (const [path, variable] of this.counts) {
      const [count = 0] = await variable.data()
      if (count === 0) continue
      found[path] = count
      if (this.#warned.has(path)) continue
      this.#warned.add(path)
      globalThis.process?.emitWarning(`${foundNothing(this.#judges.get(path)!, `${count} of ${steps} steps`)} The log counts them as train/emptySelections/${path}.`)
    }
    return found
  }

  dispose(): void {
    tf.dispose([...this.counts.values()] as unknown as tf.Tensor[])
  }
}

/** Without a miner a loss says what it has to find; one that compares with classes lacks nothing, and of one that wraps others those are asked. */
const canBeEmpty = ({ loss, miner }: NestedJudge): boolean =>
  loss.labels !== 'refused' && (miner !== undefined || (!loss.nested && loss.compares !== undefined && loss.compares !== 'embeddings'))

/** What was found, what that means, and what to do about it. */
function foundNothing({ objective, path, loss, miner }: ObservedJudge, when: string): string {
  const where = path === objective ? `Objective "${objective}"` : `Objective "${objective}", ${path.slice(objective.length + 1)}`
  const batches = 'draw batches with several samples of each of several classes, as MPerClassSampler does'
  if (!miner) return `${where}: ${loss.name} found nothing to compare in ${when}, and nothing was learned there: ${batches}.`
  const compares = comparedBy(loss)
  const isWeighed = compares === 'embeddings' || compares === 'batch'
  const meaning = isWeighed ? 'the loss looked at all alike there' : loss.nested ? 'nothing was learned there of what it is to select' : 'nothing was learned there'
  return `${where}: ${miner.name} selected nothing${isWeighed || loss.nested ? '' : ` that ${loss.name} could compare`} in ${when}, and ${meaning}: make it less strict (its margin, range or share), or ${batches}.`
}
