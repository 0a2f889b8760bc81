import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, type ComputeOptions, type Loss, type References, type Selection, type SelectionIndices } from '@metric-learning/contracts'
import { indicesFromSelection, relationsOf, selectAllPairs, selectAllTriplets, selectionFromIndices, stepCompiler } from '@metric-learning/ops'
import { afterAll, beforeAll, describe } from 'vitest'
import { hostileBatches, hostileTexts, mixedLabels, randomEmbeddings, shuffled, shuffledRows, type Batch, type HostileBatch } from './batches.js'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectGradient, gradientOf, type DifferenceOptions } from './differences.js'
import { expectBalance, expectNoLeak } from './expect-no-leak.js'
import { expectFinite, expectOther, expectRefused, expectSame, expectShape, expectThat } from './expectations.js'
import { expectRefusesNonFinite, noFiniteCheck } from './expect-refuses-non-finite.js'
import { expectSetUp, noCompiler } from './expect-set-up.js'
import { LossTrial } from './loss-trial.js'
import { otherForms, partOf, selectAll } from './partial-selection.js'
import { refusingReads } from './refuse-reads.js'
import { expectKnownInfluences, VariableWatch } from './variable-watch.js'
import { partsOf, weighed } from './weighed-selection.js'

const hostileChecks = Object.fromEntries(
  Object.entries(hostileTexts).map(([key, { on, look }]) => [key, { title: `is finite, gradient included, on ${on}`, look }]),
) as Record<HostileBatch, CheckText>

/** What {@link describeLoss} checks. */
export const LOSS_CHECKS = {
  gradient: {
    title: 'has the gradient that differences give',
    look: 'custom gradients, and what is cut off by `withoutGradient` or `tf.stopGradient`; where the formula has a kink there, try other options.',
  },
  parameterGradient: {
    title: 'has the gradient of a parameter that differences give',
    look: 'whether compute() uses the variable itself and not a copy, and at what it assigns to it before.',
  },
  variables: {
    title: 'keeps every variable that it makes or depends on among its parameters and buffers',
    look: '`parameters`, for what is learned, and `buffers`, for what calls assign: what is in neither is not trained, not saved, not restored.',
  },
  repeatable: {
    title: 'gives the same again from the same parameters and buffers',
    look: 'what compute() keeps in fields or draws at random: what changes from call to call belongs into `buffers`; draws follow from `options.position`, or else from `nextDrawPosition` of a buffer (ops).',
  },
  ...hostileChecks,
  permutation: {
    title: 'does not depend on the order of the batch',
    look: 'what goes by row numbers: labels that are taken for rows, the first or last of a class, draws.',
  },
  labels: {
    title: 'goes by the labels',
    look: '`labels` in compute(): a loss that takes none says `labels: \'refused\'`, and is tried with `labels: \'none\'`.',
  },
  selections: {
    title: 'is the same for everything selected: densely, by row numbers, by a rule, one by one, or by default',
    look: 'how `options.selection` becomes weights (`selectionFromIndices`, `toPairSelection` of ops), and whether `selects` of this suite is right.',
  },
  partialSelection: {
    title: 'goes by what a miner selected',
    look: '`options.selection` in compute(): it replaces what labels allow. A loss that takes none says `takesSelections: false`, and refuses one.',
  },
  weights: {
    title: 'goes by how often, and how strongly, something is selected',
    look: 'what makes a mask of the weights, such as `tf.step` and `tf.greater`: two is twice as much as one. A loss whose pairs count once says so by `countsOnce` of this suite; where all that counts is of one value, try other options or `labels`.',
  },
  unselected: {
    title: 'is blind to rows that nobody selected',
    look: 'sums, means and masks over the whole batch beside the selected pairs. A loss that only weighs embeddings by a selection skips this.',
  },
  relations: {
    title: 'takes label relations that were worked out before',
    look: 'what compute() does with `labels`: `asRelations` of ops takes both forms.',
  },
  references: {
    title: 'is the same for a batch as its own reference set',
    look: '`options.references` in compute(), and `sameSet`, which says that row i of the references is row i of the batch and no pair of its own.',
  },
  otherReferences: {
    title: 'goes by the reference set',
    look: '`options.references` in compute(): embeddings are compared with refEmbeddings by refLabels. A loss that takes none says `takesReferences: false`, and refuses them.',
  },
  referenceGradient: {
    title: 'has the gradient of the reference set that differences give',
    look: 'what cuts references off, such as `withoutGradient`: those of another view are learned from, too. A loss with constant ones skips this.',
  },
  capabilities: {
    title: 'refuses what it says it does not take',
    look: '`labels`, `takesReferences` and `takesSelections` of the loss, and the first lines of compute().',
  },
  badInput: {
    title: 'refuses bad input with an error of this library',
    look: 'the first lines of compute(): `expectShape` and `expectKnownOptions` of contracts, `compareEmbeddings` of ops.',
  },
  notFinite: {
    title: 'names itself and its input where an embedding is NaN or infinite',
    look: '`expectFinite` of ops, which `MetricLoss` calls for embeddings and refEmbeddings; a loss that does not extend it calls it itself.',
  },
  leaks: {
    title: 'leaves no tensor behind in 100 calls',
    look: '`tf.keep` and `tf.variable` in compute(), and work outside of `tf.tidy`.',
  },
  hostReads: {
    title: 'reads nothing back from the device',
    look: '`dataSync`, `arraySync`, `data` and `array` in compute() and in custom gradients: decide with `tf.where`, or go by labels, which are on the host.',
  },
  restore: {
    title: 'gives the same once its parameters and buffers are restored',
    look: 'state beside `parameters` and `buffers`, and values that are worked out from these only once, in the constructor.',
  },
  compile: {
    title: 'compiles, and gives the same as one graph',
    look: 'what compute() decides on the host from call to call: in a graph it is decided once. docs/compiled-steps.md has what may vary.',
  },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeLoss}. */
export type LossCheck = keyof typeof LOSS_CHECKS

/** How a loss is tried. */
export interface LossConformance extends DifferenceOptions {
  /** Makes the loss, every time in the same state. */
  readonly create: () => Loss
  /** Width of the embeddings. Default 4. */
  readonly embeddingSize?: number
  /** Labels of the batch. Default: eight of three classes. `'none'` for a loss that takes no labels. */
  readonly labels?: readonly number[] | 'none'
  /** Passed to every call; `references` for a loss that cannot do without. */
  readonly options?: ComputeOptions
  /** What the loss selects from where there is no selection. Default `'pairs'`. */
  readonly selects?: 'pairs' | 'triplets'
  /** What counts once, however often and with whatever weight it is selected. Default: nothing, weights count. */
  readonly countsOnce?: 'negatives' | 'pairs'
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<LossCheck>
}

const KNOWN: readonly (keyof LossConformance)[] = ['create', 'embeddingSize', 'labels', 'options', 'selects', 'countsOnce', 'step', 'gradientTolerance', 'skip']

/**
 * Whether a loss keeps its contract: gradients, of embeddings, parameters and references, that differences confirm, finite on
 * hostile batches, independent of the order of the batch, true to what is selected and to the reference set, nothing kept but
 * parameters and buffers, an error that says where NaN came in, no tensor left behind, nothing read from the device.
 *
 * What a loss says that it does not take is not tried, but for its being refused.
 *
 * @example describeLoss('SpreadLoss', { create: () => new SpreadLoss() })
 */
export function describeLoss(name: string, conformance: LossConformance): void {
  expectKnownOptions('describeLoss', conformance, KNOWN)
  const { create, embeddingSize = 4, labels = mixedLabels, options = {}, selects = 'pairs', countsOnce, skip = {} } = conformance
  const withLabels = labels !== 'none'
  const rows = withLabels ? labels : mixedLabels
  const check = checksOf('describeLoss', LOSS_CHECKS, skip)

  describe(name, () => {
    expectSetUp(name)
    const trial = new LossTrial(create(), withLabels)
    const { loss } = trial
    const keepsSomething = loss.parameters.size + (loss.buffers?.size ?? 0) > 0
    const noSelection = loss.takesSelections === false ? 'it says that it takes no selection' : withLabels ? undefined : 'it was tried without labels'
    const noReferences = loss.takesReferences === false ? 'it says that it takes no references' : undefined
    let batch: Batch
    beforeAll(() => {
      batch = { embeddings: randomEmbeddings(rows.length, embeddingSize), labels: rows }
    })
    afterAll(() => {
      trial.dispose()
      tf.dispose([batch.embeddings, ...loss.parameters.values()])
    })

    check('gradient', () => {
      const at = (x: tf.Tensor) => trial.value({ ...batch, embeddings: x as tf.Tensor2D }, options)
      expectShape('the value', at(batch.embeddings), [])
      expectGradient('the gradient of the embeddings', trial.gradient(batch, options), at, batch.embeddings, conformance)
    })

    for (const [parameter, variable] of loss.parameters) {
      check('parameterGradient', () => {
        const what = `the gradient of the parameter "${parameter}"`
        const gradient = trial.parameterGradient(parameter, batch, options)
        expectThat(gradient !== undefined, { what, wanted: 'one', got: 'none: the value does not depend on it, and so it is never learned' })
        const start = tf.clone(variable as tf.Tensor)
        const at = (value: tf.Tensor) => {
          variable.assign(value)
          return trial.value(batch, options)
        }
        try {
          expectGradient(what, gradient, at, start, conformance)
        } finally {
          variable.assign(start)
        }
      }, { of: parameter })
    }

    check('variables', () => {
      const watch = new VariableWatch()
      const made = new LossTrial(create(), withLabels)
      const { parameters, buffers = new Map() } = made.loss
      const value = () => made.value(batch, options)
      value().dispose()
      watch.expectOwned(made.loss, { parameters, buffers })
      expectKnownInfluences(value, made.loss, { parameters, buffers })
    })

    check('repeatable', () => {
      const [value, gradient] = [trial.value(batch, options), trial.gradient(batch, options)]
      expectSame('the value of a second call', trial.value(batch, options), value, 'the first')
      expectSame('the gradient of a second call', trial.gradient(batch, options), gradient, 'the first')
    })

    for (const hostile of Object.keys(hostileBatches) as HostileBatch[]) {
      check(hostile, () => {
        const hard = hostileBatches[hostile](batch)
        expectFinite('the value', trial.value(hard, options))
        expectFinite('the gradient of the embeddings', trial.gradient(hard, options))
      })
    }

    check('permutation', () => {
      const order = shuffledRows(rows.length)
      const other = shuffled(batch, order)
      expectSame('the value of the batch in another order', trial.value(other, options), trial.value(batch, options), 'in the first order')
      const gradient = tf.gather(trial.gradient(batch, options), order)
      expectSame('the gradient of the batch in another order', trial.gradient(other, options), gradient, 'in the first order')
    })

    check('labels', () => {
      const other = rows.findIndex((label) => label !== rows[0])
      const labels = rows.map((label, row) => (row === 0 ? rows[other]! : row === other ? rows[0]! : label))
      expectOther(`the value with the labels of rows 0 and ${other} exchanged`, trial.value({ ...batch, labels }, options), trial.value(batch, options), 'with their own')
    }, { inapplicable: withLabels ? undefined : 'it was tried without labels' })

    check('selections', async () => {
      const all = selectAll(selects, relationsOf(rows))
      for (const [form, selection] of [['densely', all], ['by row numbers', await indicesFromSelection(all)]] as const) {
        expectSame(`the value with everything selected ${form}`, trial.value(batch, { ...options, selection }), trial.value(batch, options), 'without a selection')
        expectSame(`the gradient with everything selected ${form}`, trial.gradient(batch, { ...options, selection }), trial.gradient(batch, options), 'without a selection')
      }
      const triplets = selectAllTriplets(relationsOf(rows))
      const dense = trial.value(batch, { ...options, selection: triplets })
      for (const [form, selection] of otherForms(triplets)) {
        expectSame(`the value with triplets selected ${form}`, trial.value(batch, { ...options, selection }), dense, 'with the same selected densely')
      }
      const outside = { anchor: [0], positive: [rows.length], negative: [1] }
      expectRefused('a selection of rows outside the batch', () => trial.value(batch, { ...options, selection: outside }))
      const ofAnotherBatch = selectAllPairs(relationsOf(rows.slice(1)))
      expectRefused('a selection of a batch of another size', () => trial.value(batch, { ...options, selection: ofAnotherBatch }))
    }, { inapplicable: noSelection })

    check('partialSelection', async () => {
      const comparisons: [string, References | undefined][] = [['', options.references]]
      if (!noReferences && !options.references) comparisons.push([' in a reference set', otherReferences(rows, embeddingSize, withLabels)])
      for (const [where, references] of comparisons) {
        const relations = relationsOf(rows, references && { refLabels: references.refLabels ?? rows, sameSet: references.sameSet ?? false })
        const all = selectAll(selects, relations)
        const given = { ...options, ...(references && { references }) }
        const { indices } = await partOf(all, rows.length)
        const dense = selectionFromIndices(indices, relations)
        const [value, ofAll] = [trial.value(batch, { ...given, selection: dense }), trial.value(batch, { ...given, selection: all })]
        expectOther(`the value with a part selected${where}`, value, ofAll, 'with everything selected')
        expectSame(`the value with a part selected by row numbers${where}`, trial.value(batch, { ...given, selection: indices }), value, 'with the same part selected densely')
      }
    }, { inapplicable: noSelection })

    check('weights', async () => {
      const all = selectAll(selects, relationsOf(rows))
      const valueOf = (selection: Selection | SelectionIndices) => trial.value(batch, { ...options, selection })
      const plain = valueOf(all)
      for (const part of partsOf(all)) {
        const isOnce = countsOnce === 'pairs' || (countsOnce === 'negatives' && part === 'negative pairs')
        const expectWeighed = isOnce ? expectSame : expectOther
        const said = isOnce ? ', as `countsOnce` says' : ''
        const often = weighed(all, part, 3)
        const value = valueOf(often)
        expectWeighed(`the value with a third of the ${part} selected three times`, value, plain, `with each selected once${said}`)
        expectSame(`the value with a third of the ${part} selected three times by row numbers`, valueOf(await indicesFromSelection(often)), value, 'with the same selected densely')
        // Both are less than 1, and are rounded to the same.
        expectWeighed(`the value with a third of the ${part} at weight 0.55`, valueOf(weighed(all, part, 0.55)), valueOf(weighed(all, part, 0.95)), `at weight 0.95${said}`)
      }
    }, { inapplicable: noSelection })

    check('unselected', async () => {
      const part = await partOf(selectAll(selects, relationsOf(rows)), rows.length)
      const given = { ...options, selection: part.indices }
      const value = trial.value(batch, given)
      const outside = rows.length - part.rows
      const gradient = tf.slice(trial.gradient(batch, given), part.rows)
      expectSame('the gradient of rows that nobody selected', gradient, tf.zerosLike(gradient), 'they have no part in the value')
      const selected = tf.slice(batch.embeddings, 0, part.rows)
      for (const others of [randomEmbeddings(outside, embeddingSize, 12), tf.slice(batch.embeddings, 0, outside)]) {
        const moved = { ...batch, embeddings: tf.concat<tf.Tensor2D>([selected, others]) }
        expectSame('the value with other rows where nobody selected', trial.value(moved, given), value, 'with those that were there')
      }
    }, { inapplicable: noSelection })

    check('relations', () => {
      const relations = relationsOf(rows)
      expectSame('the value with relations', trial.value({ ...batch, labels: relations }, options), trial.value(batch, options), 'with the labels themselves')
      relations.dispose()
    }, { inapplicable: withLabels ? undefined : 'it was tried without labels' })

    check('references', () => {
      const references = { refEmbeddings: tf.clone(batch.embeddings), sameSet: true, ...(withLabels && { refLabels: rows }) }
      expectSame('the value of a batch as its own reference set', trial.value(batch, { ...options, references }), trial.value(batch, options), 'of the batch alone')
    }, { inapplicable: noReferences })

    check('otherReferences', () => {
      const references = options.references ?? otherReferences(rows, embeddingSize, withLabels)
      const given = (changes: Partial<References>) => trial.value(batch, { ...options, references: { ...references, ...changes } })
      const count = references.refEmbeddings.shape[0]
      const value = given({})
      expectFinite('the value with a reference set', value)
      if (!options.references) expectOther('the value with a reference set', value, trial.value(batch, options), 'without one')
      expectOther('the value with other refEmbeddings', given({ refEmbeddings: randomEmbeddings(count, embeddingSize, 13) }), value, 'with the first')
      if (references.refLabels === undefined) return
      const refLabels = Array.from(references.refLabels)
      expectOther('the value with other refLabels', given({ refLabels: [...refLabels.slice(1), refLabels[0]!] }), value, 'with the first')
      if (skip.permutation !== undefined) return
      const { embeddings, labels } = shuffled({ embeddings: references.refEmbeddings, labels: refLabels }, shuffledRows(count))
      expectSame('the value with references in another order', given({ refEmbeddings: embeddings, refLabels: labels }), value, 'in the first order')
    }, { inapplicable: noReferences })

    check('referenceGradient', () => {
      const references = options.references ?? otherReferences(rows, embeddingSize, withLabels)
      const at = (x: tf.Tensor) => trial.value(batch, { ...options, references: { ...references, refEmbeddings: x as tf.Tensor2D } })
      expectGradient('the gradient of refEmbeddings', gradientOf('the gradient of refEmbeddings', at, references.refEmbeddings), at, references.refEmbeddings, conformance)
    }, { inapplicable: noReferences ?? skip.gradient })

    const { labels: use, takesReferences, takesSelections } = loss
    const refusesNothing = use !== 'refused' && takesReferences !== false && takesSelections !== false
    check('capabilities', () => {
      const given = withLabels ? rows : undefined
      const refuses = (what: string, labels: readonly number[] | undefined, more: ComputeOptions) => {
        expectRefused(what, () => loss.compute(batch.embeddings, labels, { ...options, ...more }))
      }
      if (use === 'refused') refuses('labels, which it says it refuses', rows, {})
      if (takesReferences === false) refuses('references, which it says it does not take', given, { references: { refEmbeddings: batch.embeddings, ...(withLabels && { refLabels: rows }) } })
      if (takesSelections === false) refuses('a selection, which it says it does not take', given, { selection: { anchor: [0], positive: [3], negative: [1] } })
    }, { inapplicable: refusesNothing ? 'it takes everything' : undefined })

    check('badInput', () => {
      const vector = tf.zeros([rows.length]) as unknown as tf.Tensor2D
      expectBalance('refusals', () => {
        if (withLabels) expectRefused('a label too few', () => trial.value({ ...batch, labels: rows.slice(1) }, options))
        expectRefused('embeddings that are a vector', () => trial.value({ ...batch, embeddings: vector }, options))
        expectRefused('embeddings that are an array', () => trial.value({ ...batch, embeddings: [[0, 1]] as unknown as tf.Tensor2D }, options))
        expectRefused('an unknown option, `weigths`', () => trial.value(batch, { ...options, weigths: 1 } as ComputeOptions))
      })
    })

    check('notFinite', () => {
      expectBalance('refusals', () => {
        expectRefusesNonFinite(loss.name, 'embeddings', batch.embeddings, (x) => trial.value({ ...batch, embeddings: x }, options))
        if (!options.references && (noReferences ?? skip.references) !== undefined) return
        const labelled = { sameSet: true, ...(withLabels && { refLabels: rows }) }
        expectRefusesNonFinite(loss.name, 'refEmbeddings', batch.embeddings, (refEmbeddings) =>
          trial.value(batch, { ...options, references: { ...(options.references ?? labelled), refEmbeddings } }),
        )
      })
    }, { unavailable: noFiniteCheck() })

    check('leaks', () => {
      expectNoLeak('compute()', 100, () => trial.value(batch, options))
      expectNoLeak('compute() and its gradient', 5, () => trial.gradient(batch, options))
    })

    check('hostReads', () => {
      refusingReads(() => trial.gradient(batch, options).dispose())
    })

    if (keepsSomething) check('restore', () => {
      const variables = ({ loss: of }: LossTrial) => new Map([...of.parameters, ...(of.buffers ?? [])])
      const trained = new LossTrial(create(), withLabels)
      for (const variable of trained.loss.parameters.values()) variable.assign(tf.add(variable as tf.Tensor, 0.1))
      trained.next(batch, options).dispose()
      const restored = new LossTrial(create(), withLabels)
      const saved = variables(trained)
      for (const [key, variable] of variables(restored)) variable.assign(saved.get(key)! as tf.Tensor)
      expectSame('the value of a loss with the parameters and buffers of another', restored.next(batch, options), trained.next(batch, options), 'of that other')
    })

    check('compile', () => {
      const [alone, whole] = [create(), create()].map((of) => new LossTrial(of, withLabels))
      const relations = relationsOf(rows)
      const step = (of: LossTrial) => (embeddings: tf.Tensor) => {
        const value = (x: tf.Tensor) => of.next({ embeddings: x as tf.Tensor2D, labels: relations }, options)
        const { value: at, grad } = tf.valueAndGrad(value)(embeddings)
        return [at, grad]
      }
      const compiled = stepCompiler()!((x) => step(whole!)(x!), { name, fallback: 'throw' })
      for (let call = 1; call <= 4; call++) {
        const embeddings = randomEmbeddings(rows.length, embeddingSize, call)
        const [value, gradient] = compiled(embeddings, ...relations.tensors)
        const [expected, expectedGradient] = step(alone!)(embeddings)
        expectSame(`the value of compiled call ${call}`, value!, expected!, 'operation by operation')
        expectSame(`the gradient of compiled call ${call}`, gradient!, expectedGradient!, 'operation by operation')
      }
      if (skip.notFinite === undefined) {
        expectRefusesNonFinite(whole!.loss.name, 'embeddings', batch.embeddings, (x) => compiled(x, ...relations.tensors))
      }
      compiled.dispose()
    }, { unavailable: noCompiler() })
  })
}

/** A reference set that is not the batch: of as many rows, so that losses over two views take it, too. */
function otherReferences(labels: readonly number[], embeddingSize: number, withLabels: boolean): References {
  const refEmbeddings = randomEmbeddings(labels.length, embeddingSize, 12)
  return { refEmbeddings, ...(withLabels && { refLabels: [...labels.slice(2), ...labels.slice(0, 2)] }) }
}
