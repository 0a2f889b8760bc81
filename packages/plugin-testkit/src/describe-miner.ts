import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, isStateful, isTensor, type LabelRelations, type MineOptions, type Miner, type Selection, type SelectionIndices } from '@metric-learning/contracts'
import { drawPosition, indicesFromSelection, relationsOf, stepCompiler, toPairSelection } from '@metric-learning/ops'
import { afterAll, beforeAll, describe } from 'vitest'
import { hostileBatches, hostileTexts, mixedLabels, randomEmbeddings, shuffled, shuffledRows, type Batch, type HostileBatch } from './batches.js'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { gradientOf } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { expectFinite, expectNumbers, expectRefused, expectSame, expectShape, expectThat, exactly } from './expectations.js'
import { expectRefusesNonFinite, noFiniteCheck } from './expect-refuses-non-finite.js'
import { expectSetUp, noCompiler } from './expect-set-up.js'
import { refusingReads } from './refuse-reads.js'
import { VariableWatch } from './variable-watch.js'

const hostileChecks = Object.fromEntries(
  Object.entries(hostileTexts).map(([key, { on, look }]) => [key, { title: `selects what the labels allow on ${on}`, look }]),
) as Record<HostileBatch, CheckText>

/** What {@link describeMiner} checks. */
export const MINER_CHECKS = {
  labels: {
    title: 'selects something, and only what the labels allow',
    look: '`relations.positives()` and `relations.negatives()`: what is selected is multiplied by them, so that a row is no pair of itself.',
  },
  ...hostileChecks,
  permutation: {
    title: 'moves with the order of the batch',
    look: 'what goes by row numbers, and ties that are broken by them; a miner that draws skips this.',
  },
  relations: {
    title: 'takes label relations that were worked out before',
    look: 'what mine() does with `labels`: `asRelations` of ops takes both forms.',
  },
  references: {
    title: 'mines in a reference set',
    look: '`options.references` in mine(): embeddings are compared with refEmbeddings by refLabels, in weights of [n, m].',
  },
  repeatable: {
    title: 'selects the same again, where draws stand as they did',
    look: 'what mine() keeps in fields; random draws follow from `options.position` (`drawIntegers` of ops), and from nothing else where it is given.',
  },
  variables: {
    title: 'keeps every variable that it makes in its state',
    look: '`state()` and `restore()`: what is in neither is not saved with the run, and not restored.',
  },
  constant: {
    title: 'selects constants: no gradient flows into a selection',
    look: '`withoutGradient` of ops, in which the whole of mine() belongs.',
  },
  badInput: {
    title: 'refuses bad input with an error of this library',
    look: 'the first lines of mine(): `compareEmbeddings` of ops checks embeddings, labels and references.',
  },
  notFinite: {
    title: 'names itself and its input where an embedding is NaN or infinite',
    look: '`expectFinite` of ops, which miners of `metricMiner` call; others call it themselves.',
  },
  leaks: {
    title: 'leaves no tensor behind',
    look: '`tf.keep` and `tf.variable` in mine(), and work outside of `tf.tidy`; what the selection holds is given back from it.',
  },
  hostReads: {
    title: 'reads nothing back from the device',
    look: '`dataSync`, `arraySync`, `data` and `array` in mine(): select by weights, not by row numbers.',
  },
  compile: {
    title: 'compiles, and selects the same as one graph',
    look: 'what mine() decides on the host from call to call: in a graph it is decided once.',
  },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeMiner}. */
export type MinerCheck = keyof typeof MINER_CHECKS

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
export function describeMiner(name: string, conformance: MinerConformance): void {
  expectKnownOptions('describeMiner', conformance, ['create', 'embeddingSize', 'labels', 'skip'])
  const { create, embeddingSize = 4, labels = mixedLabels, skip = {} } = conformance
  const check = checksOf('describeMiner', MINER_CHECKS, skip)

  describe(name, () => {
    expectSetUp(name)
    const miner = create()
    let batch: Batch
    let position: tf.Tensor1D
    beforeAll(() => {
      position = tf.tensor1d(drawPosition(0, 1, 0), 'int32')
      batch = { embeddings: randomEmbeddings(labels.length, embeddingSize), labels }
    })
    afterAll(() => {
      tf.dispose([batch.embeddings, position])
    })
    const mine = (of: Omit<Batch, 'labels'> & { readonly labels: Batch['labels'] | LabelRelations }, more: MineOptions = {}) =>
      miner.mine(of.embeddings, of.labels, { position, ...more })

    check('labels', () => {
      const selection = mine(batch)
      expectAllowed(selection, relationsOf(labels))
      const { positive, negative } = toPairSelection(selection)
      const sum = tf.sum(tf.add(positive, negative)).dataSync()[0]!
      expectThat(sum > 0, { what: 'the sum of all weights', wanted: 'something selected in a batch of random embeddings', got: String(sum) })
    })

    for (const hostile of Object.keys(hostileBatches) as HostileBatch[]) {
      check(hostile, () => {
        const hard = hostileBatches[hostile](batch)
        expectAllowed(mine(hard), relationsOf(hard.labels))
      })
    }

    check('permutation', async () => {
      const order = shuffledRows(labels.length)
      const back = tuplesOf(await indicesFromSelection(mine(shuffled(batch, order))), (row) => order[row]!)
      expectTuples('of the batch in another order', back, tuplesOf(await indicesFromSelection(mine(batch))), 'in the first order')
    })

    check('relations', async () => {
      const relations = relationsOf(labels)
      const selected = tuplesOf(await indicesFromSelection(mine({ ...batch, labels: relations })))
      expectTuples('with relations', selected, tuplesOf(await indicesFromSelection(mine(batch))), 'with the labels themselves')
    })

    check('references', () => {
      const refLabels = [0, 1, 2, 3, 0]
      const references = { refEmbeddings: randomEmbeddings(5, embeddingSize, 12), refLabels }
      expectAllowed(mine(batch, { references }), relationsOf(labels, { refLabels }))
    })

    check('repeatable', async () => {
      const first = tuplesOf(await indicesFromSelection(mine(batch)))
      expectTuples('of a second call', tuplesOf(await indicesFromSelection(mine(batch))), first, 'in the first')
    })

    check('variables', () => {
      const watch = new VariableWatch()
      const made = create()
      tf.dispose(ownTensors(made.mine(batch.embeddings, labels)))
      const state = isStateful(made) ? [...(made.state().tensors ?? [])] : []
      watch.expectOwned(made, { state: new Map(state as [string, tf.Variable][]) })
    })

    check('constant', () => {
      const through = (x: tf.Tensor) => {
        const { positive, negative } = toPairSelection(mine({ ...batch, embeddings: x as tf.Tensor2D }))
        return tf.add(tf.add(tf.sum(positive), tf.sum(negative)), tf.sum(x))
      }
      const gradient = gradientOf('the gradient of the sum of weights and embeddings', through, batch.embeddings)
      expectSame('the gradient of the sum of weights and embeddings', gradient, tf.onesLike(gradient), 'weights are constants', exactly)
    })

    check('badInput', () => {
      expectRefused('a label too few', () => mine({ ...batch, labels: labels.slice(1) }))
      expectRefused('embeddings that are a vector', () => mine({ ...batch, embeddings: tf.zeros([labels.length]) as unknown as tf.Tensor2D }))
    })

    check('notFinite', () => {
      expectRefusesNonFinite(miner.name, 'embeddings', batch.embeddings, (embeddings) => mine({ ...batch, embeddings }))
      if (skip.references !== undefined) return
      expectRefusesNonFinite(miner.name, 'refEmbeddings', batch.embeddings, (refEmbeddings) =>
        mine(batch, { references: { refEmbeddings, refLabels: labels } }),
      )
    }, { unavailable: noFiniteCheck() })

    check('leaks', () => {
      const relations = relationsOf(labels)
      expectNoLeak('mine()', 100, () => ownTensors(mine({ ...batch, labels: relations }), relations.tensors))
    })

    check('hostReads', () => {
      const relations = relationsOf(labels)
      refusingReads(() => tf.tidy(() => void mine({ ...batch, labels: relations })))
    })

    check('compile', () => {
      const relations = relationsOf(labels)
      const [alone, whole] = [create(), create()]
      const step = (of: Miner) => (embeddings: tf.Tensor) => {
        const { positive, negative } = toPairSelection(of.mine(embeddings as tf.Tensor2D, relations))
        return [tf.add(positive, 0), tf.add(negative, 0)]
      }
      const compiled = stepCompiler()!((x) => step(whole)(x!), { name, fallback: 'throw' })
      for (let call = 1; call <= 4; call++) {
        const embeddings = randomEmbeddings(labels.length, embeddingSize, call)
        const [positive, negative] = compiled(embeddings, ...relations.tensors)
        const [expectedPositive, expectedNegative] = step(alone)(embeddings)
        expectSame(`the positive weights of compiled call ${call}`, positive!, expectedPositive!, 'operation by operation')
        expectSame(`the negative weights of compiled call ${call}`, negative!, expectedNegative!, 'operation by operation')
      }
      compiled.dispose()
    }, { unavailable: noCompiler() })
  })
}

/** What a selection holds, but for what belongs to others. */
const ownTensors = (selection: Selection, others: readonly tf.Tensor[] = []): tf.Tensor[] =>
  (Object.values(selection).flat() as unknown[]).filter(isTensor).filter((tensor) => !others.includes(tensor))

/** Expects finite weights of at least 0, and above 0 only for pairs that are there. */
function expectAllowed(selection: Selection, relations: LabelRelations): void {
  const { positive, negative } = toPairSelection(selection)
  for (const [what, weights, allowed] of [
    ['positive', positive, relations.positives()],
    ['negative', negative, relations.negatives()],
  ] as const) {
    expectShape(`${what} weights`, weights, [relations.queryCount, relations.referenceCount])
    expectFinite(`${what} weights`, weights)
    const least = tf.min(weights).dataSync()[0]!
    expectThat(least >= 0, { what: `the smallest ${what} weight`, wanted: 'at least 0', got: String(least) })
    const outside = tf.mul(weights, tf.sub(1, allowed))
    expectNumbers({
      what: `${what} weights outside of what labels allow`,
      actual: outside.dataSync(),
      wanted: new Float32Array(outside.size),
      as: 'such pairs are none',
      shape: outside.shape,
      tolerance: exactly,
    })
  }
}

function expectTuples(what: string, actual: readonly string[], wanted: readonly string[], as: string): void {
  const more = actual.find((tuple) => !wanted.includes(tuple))
  const fewer = wanted.find((tuple) => !actual.includes(tuple))
  expectThat(actual.join() === wanted.join(), {
    what: `the selection ${what}`,
    wanted: `the ${wanted.length} pairs or triplets that are selected ${as}`,
    got: `${actual.length}${more === undefined ? '' : `, among them ${more}, which is new`}${fewer === undefined ? '' : `, without ${fewer}`}`,
  })
}

function tuplesOf(indices: SelectionIndices, row: (of: number) => number = (of) => of): string[] {
  const lists: [string, ArrayLike<number>[]][] =
    'anchor' in indices
      ? [['triplet', [indices.anchor, indices.positive, indices.negative]]]
      : [['positive pair', [indices.anchor1, indices.positive]], ['negative pair', [indices.anchor2, indices.negative]]]
  return lists.flatMap(([kind, vectors]) => Array.from(vectors[0]!, (_, i) => [kind, ...vectors.map((vector) => row(vector[i]!))].join(' '))).sort()
}
