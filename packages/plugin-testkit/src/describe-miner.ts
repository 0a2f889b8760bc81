import * as tf from '@tensorflow/tfjs-core'
import { MetricLearningError, type LabelRelations, type Miner, type Selection, type SelectionIndices } from '@metric-learning/contracts'
import { indicesFromSelection, relationsOf, toPairSelection } from '@metric-learning/ops'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { hostileBatches, hostileTitles, mixedLabels, randomEmbeddings, shuffledRows, type Batch, type HostileBatch } from './batches.js'
import { check, type Skips } from './conformance.js'
import { expectNoLeak } from './expect-no-leak.js'
import { expectFinite } from './expect-numbers.js'
import { expectRefusesNonFinite, noFiniteCheck } from './expect-refuses-non-finite.js'
import { refusingReads } from './refuse-reads.js'

/** What {@link describeMiner} checks. */
export type MinerCheck = 'labels' | HostileBatch | 'permutation' | 'references' | 'constant' | 'badInput' | 'notFinite' | 'leaks' | 'hostReads'

/** How a miner is tried. */
export interface MinerConformance {
  readonly create: () => Miner
  /** Width of the embeddings. Default 4. */
  readonly embeddingSize?: number
  /** Labels of the batch. Default: eight of three classes. */
  readonly labels?: readonly number[]
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<MinerCheck>
}

/**
 * Whether a miner keeps its contract: it selects pairs or triplets that the labels allow, at most those, whatever the
 * batch, moves with the order of the batch, selects constants, and stays on the device.
 *
 * @example describeMiner('ClosePairMiner', { create: () => new ClosePairMiner() })
 */
export function describeMiner(name: string, { create, embeddingSize = 4, labels = mixedLabels, skip = {} }: MinerConformance): void {
  describe(name, () => {
    const miner = create()
    let batch: Batch
    beforeAll(() => {
      batch = { embeddings: randomEmbeddings(labels.length, embeddingSize), labels }
    })
    afterAll(() => {
      batch.embeddings.dispose()
    })
    const mine = (of: Batch) => miner.mine(of.embeddings, of.labels)

    check('selects something, and only what the labels allow', skip.labels, () => {
      const selection = mine(batch)
      expectAllowed(selection, relationsOf(labels))
      const { positive, negative } = toPairSelection(selection)
      expect(tf.sum(tf.add(positive, negative)).dataSync()[0]).toBeGreaterThan(0)
    })

    for (const hostile of Object.keys(hostileBatches) as HostileBatch[]) {
      check(`selects what the labels allow on ${hostileTitles[hostile]}`, skip[hostile], () => {
        const hard = hostileBatches[hostile](batch)
        expectAllowed(mine(hard), relationsOf(hard.labels))
      })
    }

    check('moves with the order of the batch', skip.permutation, async () => {
      const order = shuffledRows(labels.length)
      const shuffled = { embeddings: tf.gather(batch.embeddings, order), labels: order.map((row) => labels[row]!) }
      const back = await indicesFromSelection(mine(shuffled))
      expect(tuplesOf(back, (row) => order[row]!)).toEqual(tuplesOf(await indicesFromSelection(mine(batch))))
    })

    check('mines in a reference set', skip.references, () => {
      const refLabels = [0, 1, 2, 3, 0]
      const references = { refEmbeddings: randomEmbeddings(5, embeddingSize, 12), refLabels }
      expectAllowed(miner.mine(batch.embeddings, labels, { references }), relationsOf(labels, { refLabels }))
    })

    check('selects constants: no gradient flows into a selection', skip.constant, () => {
      const through = (x: tf.Tensor) => {
        const selection = mine({ ...batch, embeddings: x as tf.Tensor2D })
        const weights = selection.kind === 'pairs' ? selection.positive : selection.weights
        return tf.add(tf.sum(weights), tf.sum(x))
      }
      expect(new Set(tf.grad(through)(batch.embeddings).dataSync())).toEqual(new Set([1]))
    })

    check('refuses bad input with an error of this library', skip.badInput, () => {
      expect(() => mine({ ...batch, labels: labels.slice(1) })).toThrow(MetricLearningError)
      expect(() => mine({ ...batch, embeddings: tf.zeros([labels.length]) as unknown as tf.Tensor2D })).toThrow(MetricLearningError)
    })

    check('names itself and its input where an embedding is NaN or infinite', skip.notFinite ?? noFiniteCheck(), () => {
      expectRefusesNonFinite(miner.name, 'embeddings', batch.embeddings, (embeddings) => mine({ ...batch, embeddings }))
      if (skip.references !== undefined) return
      expectRefusesNonFinite(miner.name, 'refEmbeddings', batch.embeddings, (refEmbeddings) =>
        miner.mine(batch.embeddings, labels, { references: { refEmbeddings, refLabels: labels } }),
      )
    })

    check('leaves no tensor behind', skip.leaks, () => {
      const relations = relationsOf(labels)
      expectNoLeak(100, () => {
        const selection = miner.mine(batch.embeddings, relations)
        return selection.kind === 'pairs' || selection.positiveIndex !== relations.positiveIndex ? ownTensors(selection) : [selection.weights]
      })
    })

    check('reads nothing back from the device', skip.hostReads, () => {
      const relations = relationsOf(labels)
      refusingReads(() => tf.tidy(() => void miner.mine(batch.embeddings, relations)))
    })
  })
}

const ownTensors = (selection: Selection): tf.Tensor[] =>
  selection.kind === 'pairs' ? [selection.positive, selection.negative] : [selection.positiveIndex, selection.weights]

/** Expects finite weights of at least 0, and above 0 only for pairs that are there. */
function expectAllowed(selection: Selection, relations: LabelRelations): void {
  const { positive, negative } = toPairSelection(selection)
  for (const [what, weights, allowed] of [
    ['positive', positive, relations.positives()],
    ['negative', negative, relations.negatives()],
  ] as const) {
    expect(weights.shape, `shape of ${what} weights`).toEqual([relations.queryCount, relations.referenceCount])
    expectFinite(`${what} weights`, weights)
    expect(tf.min(weights).dataSync()[0], `the smallest ${what} weight`).toBeGreaterThanOrEqual(0)
    expect(tf.sum(tf.mul(weights, tf.sub(1, allowed))).dataSync()[0], `${what} weights outside of what labels allow`).toBe(0)
  }
}

function tuplesOf(indices: SelectionIndices, row: (of: number) => number = (of) => of): string[] {
  const lists: [string, ArrayLike<number>[]][] =
    'anchor' in indices
      ? [['triplet', [indices.anchor, indices.positive, indices.negative]]]
      : [['positive', [indices.anchor1, indices.positive]], ['negative', [indices.anchor2, indices.negative]]]
  return lists.flatMap(([kind, vectors]) => Array.from(vectors[0]!, (_, i) => [kind, ...vectors.map((vector) => row(vector[i]!))].join(' '))).sort()
}
