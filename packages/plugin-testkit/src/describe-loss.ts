import * as tf from '@tensorflow/tfjs-core'
import { MetricLearningError, type ComputeOptions, type Loss } from '@metric-learning/contracts'
import { indicesFromSelection, relationsOf, selectAllPairs, selectAllTriplets, stepCompiler } from '@metric-learning/ops'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { hostileBatches, hostileTitles, mixedLabels, randomEmbeddings, shuffledRows, type Batch, type HostileBatch } from './batches.js'
import { check, type Skips } from './conformance.js'
import { differences } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { expectFinite, expectNumbers, expectSame, type Tolerance } from './expect-numbers.js'
import { expectRefusesNonFinite, noFiniteCheck } from './expect-refuses-non-finite.js'
import { LossTrial } from './loss-trial.js'
import { refusingReads } from './refuse-reads.js'

/** What {@link describeLoss} checks. */
export type LossCheck =
  | 'gradient' | 'parameterGradient' | HostileBatch | 'permutation' | 'selections' | 'references' | 'relations' | 'capabilities' | 'badInput' | 'notFinite' | 'leaks' | 'hostReads'
  | 'restore' | 'compile'

/** How a loss is tried. */
export interface LossConformance {
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
  /** Half the distance of two values whose difference is taken for the gradient. Default 2e-3. */
  readonly step?: number
  /** How far the gradient may be from that difference. Default 2e-3 + 0.03 · |difference|. */
  readonly gradientTolerance?: Tolerance
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<LossCheck>
}

/**
 * Whether a loss keeps its contract: gradients, of embeddings and of parameters if there are any, that differences
 * confirm, finite on hostile batches, independent of the order of the batch, the same for all forms of one selection, an
 * error that says where NaN came in, no tensor left behind, nothing read from the device.
 *
 * @example describeLoss('SpreadLoss', { create: () => new SpreadLoss() })
 */
export function describeLoss(name: string, conformance: LossConformance): void {
  const { create, embeddingSize = 4, labels = mixedLabels, options = {}, selects = 'pairs', skip = {} } = conformance
  const withLabels = labels !== 'none'
  const rows = withLabels ? labels : mixedLabels

  describe(name, () => {
    const trial = new LossTrial(create(), withLabels)
    const keepsSomething = trial.loss.parameters.size + (trial.loss.buffers?.size ?? 0) > 0
    let batch: Batch
    beforeAll(() => {
      batch = { embeddings: randomEmbeddings(rows.length, embeddingSize), labels: rows }
    })
    afterAll(() => {
      tf.dispose([batch.embeddings, ...trial.loss.parameters.values()])
    })

    const { step = 2e-3, gradientTolerance = { atol: 2e-3, rtol: 0.03 } } = conformance
    check('has the gradient that differences give', skip.gradient, () => {
      const numeric = differences((x) => trial.value({ ...batch, embeddings: x as tf.Tensor2D }, options), batch.embeddings, step)
      expectNumbers('gradient', trial.gradient(batch, options).dataSync(), numeric, gradientTolerance)
    })

    for (const [parameter, variable] of trial.loss.parameters) {
      check(`has the gradient of ${parameter} that differences give`, skip.parameterGradient, () => {
        const start = tf.clone(variable as tf.Tensor)
        const at = (value: tf.Tensor) => {
          variable.assign(value)
          return trial.value(batch, options)
        }
        const numeric = differences(at, start, step)
        variable.assign(start)
        expectNumbers('gradient', trial.parameterGradient(parameter, batch, options).dataSync(), numeric, gradientTolerance)
      })
    }

    for (const hostile of Object.keys(hostileBatches) as HostileBatch[]) {
      check(`is finite, gradient included, on ${hostileTitles[hostile]}`, skip[hostile], () => {
        const hard = hostileBatches[hostile](batch)
        expectFinite('value', trial.value(hard, options))
        expectFinite('gradient', trial.gradient(hard, options))
      })
    }

    check('does not depend on the order of the batch', skip.permutation, () => {
      const order = shuffledRows(rows.length)
      const shuffled = { embeddings: tf.gather(batch.embeddings, order), labels: order.map((row) => rows[row]!) }
      expectSame('value', trial.value(shuffled, options), trial.value(batch, options))
      expectSame('gradient', trial.gradient(shuffled, options), tf.gather(trial.gradient(batch, options), order))
    })

    check('is the same for everything selected: densely, by row numbers, or by default', skip.selections, async () => {
      const relations = relationsOf(rows)
      const all = selects === 'triplets' ? selectAllTriplets(relations) : selectAllPairs(relations)
      for (const selection of [all, await indicesFromSelection(all)]) {
        expectSame('value', trial.value(batch, { ...options, selection }), trial.value(batch, options))
        expectSame('gradient', trial.gradient(batch, { ...options, selection }), trial.gradient(batch, options))
      }
      const outside = { anchor: [0], positive: [rows.length], negative: [1] }
      expect(() => trial.value(batch, { ...options, selection: outside })).toThrow(MetricLearningError)
      const ofAnotherBatch = selectAllPairs(relationsOf(rows.slice(1)))
      expect(() => trial.value(batch, { ...options, selection: ofAnotherBatch })).toThrow(MetricLearningError)
    })

    check('takes label relations that were worked out before', skip.relations ?? (withLabels ? undefined : 'it was tried without labels'), () => {
      const relations = relationsOf(rows)
      expectSame('value', trial.value({ ...batch, labels: relations }, options), trial.value(batch, options))
      relations.dispose()
    })

    check('is the same for a batch as its own reference set', skip.references, () => {
      const references = { refEmbeddings: tf.clone(batch.embeddings), sameSet: true, ...(withLabels && { refLabels: rows }) }
      expectSame('value', trial.value(batch, { ...options, references }), trial.value(batch, options))
    })

    const { labels: use, takesReferences, takesSelections } = trial.loss
    const refusesNothing = use !== 'refused' && takesReferences !== false && takesSelections !== false
    check('refuses what it says it does not take', skip.capabilities ?? (refusesNothing ? 'it takes everything' : undefined), () => {
      const given = withLabels ? rows : undefined
      const refuses = (given: readonly number[] | undefined, more: ComputeOptions) =>
        expect(() => trial.loss.compute(batch.embeddings, given, { ...options, ...more })).toThrow(MetricLearningError)
      if (use === 'refused') refuses(rows, {})
      if (takesReferences === false) refuses(given, { references: { refEmbeddings: batch.embeddings, ...(withLabels && { refLabels: rows }) } })
      if (takesSelections === false) refuses(given, { selection: { anchor: [0], positive: [3], negative: [1] } })
    })

    check('refuses bad input with an error of this library', skip.badInput, () => {
      const vector = tf.zeros([rows.length]) as unknown as tf.Tensor2D
      const before = tf.memory().numTensors
      const refused = (call: () => tf.Scalar) => expect(call).toThrow(MetricLearningError)
      if (withLabels) refused(() => trial.value({ ...batch, labels: rows.slice(1) }, options))
      refused(() => trial.value({ ...batch, embeddings: vector }, options))
      refused(() => trial.value({ ...batch, embeddings: [[0, 1]] as unknown as tf.Tensor2D }, options))
      refused(() => trial.value(batch, { ...options, weigths: 1 } as ComputeOptions))
      expect(tf.memory().numTensors - before, 'tensors left behind by refusals').toBe(0)
    })

    check('names itself and its input where an embedding is NaN or infinite', skip.notFinite ?? noFiniteCheck(), () => {
      const before = tf.memory().numTensors
      expectRefusesNonFinite(trial.loss.name, 'embeddings', batch.embeddings, (x) => trial.value({ ...batch, embeddings: x }, options))
      if (options.references || skip.references === undefined) {
        const labelled = { sameSet: true, ...(withLabels && { refLabels: rows }) }
        expectRefusesNonFinite(trial.loss.name, 'refEmbeddings', batch.embeddings, (refEmbeddings) =>
          trial.value(batch, { ...options, references: { ...(options.references ?? labelled), refEmbeddings } }),
        )
      }
      expect(tf.memory().numTensors - before, 'tensors left behind by refusals').toBe(0)
    })

    check('leaves no tensor behind in 100 calls', skip.leaks, () => {
      expectNoLeak(100, () => trial.value(batch, options))
      expectNoLeak(5, () => trial.gradient(batch, options))
    })

    check('reads nothing back from the device', skip.hostReads, () => {
      refusingReads(() => trial.gradient(batch, options).dispose())
    })

    if (keepsSomething) check('gives the same once its parameters and buffers are restored', skip.restore, () => {
      const variables = ({ loss }: LossTrial) => new Map([...loss.parameters, ...(loss.buffers ?? [])])
      const trained = new LossTrial(create(), withLabels)
      for (const variable of trained.loss.parameters.values()) variable.assign(tf.add(variable as tf.Tensor, 0.1))
      trained.next(batch, options).dispose()
      const restored = new LossTrial(create(), withLabels)
      const saved = variables(trained)
      for (const [key, variable] of variables(restored)) variable.assign(saved.get(key)! as tf.Tensor)
      expectSame('value', restored.next(batch, options), trained.next(batch, options))
    })

    const compile = stepCompiler()
    check('compiles, and gives the same as one graph', skip.compile ?? (compile ? undefined : 'the backend compiles no steps'), () => {
      const [alone, whole] = [create(), create()].map((loss) => new LossTrial(loss, withLabels))
      const relations = relationsOf(rows)
      const step = (of: LossTrial) => (embeddings: tf.Tensor) => {
        const value = (x: tf.Tensor) => of.next({ embeddings: x as tf.Tensor2D, labels: relations }, options)
        const { value: at, grad } = tf.valueAndGrad(value)(embeddings)
        return [at, grad]
      }
      const compiled = compile!((x) => step(whole!)(x!), { name, fallback: 'throw' })
      for (let call = 0; call < 4; call++) {
        const embeddings = randomEmbeddings(rows.length, embeddingSize, call)
        const [value, gradient] = compiled(embeddings, ...relations.tensors)
        const [expected, expectedGradient] = step(alone!)(embeddings)
        expectSame('value', value!, expected!)
        expectSame('gradient', gradient!, expectedGradient!)
      }
      if (skip.notFinite === undefined) {
        expectRefusesNonFinite(whole!.loss.name, 'embeddings', batch.embeddings, (x) => compiled(x, ...relations.tensors))
      }
      compiled.dispose()
    })
  })
}
