import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, type LossTerm, type Reducer, type TermUnit } from '@metric-learning/contracts'
import { relationsOf } from '@metric-learning/ops'
import { describe } from 'vitest'
import { mixedLabels } from './batches.js'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectGradient, gradientOf } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { expectFinite, expectSame, expectShape } from './expectations.js'
import { expectSetUp } from './expect-set-up.js'
import { refusingReads } from './refuse-reads.js'
import { VariableWatch } from './variable-watch.js'

const ofTerms = 'reduce() for terms over'

/** What {@link describeReducer} checks. */
export const REDUCER_CHECKS = {
  element: { title: 'reduces elements: gradient, selection, nothing selected', look: `${ofTerms} elements, [n]: values where the weight is 0 do not count, not even in a mean.` },
  pair: { title: 'reduces pairs: gradient, selection, nothing selected', look: `${ofTerms} pairs, [n, m]: values where the weight is 0 do not count, not even in a mean.` },
  triplet: { title: 'reduces triplets: gradient, selection, nothing selected', look: `${ofTerms} triplets, [n, k, m]: values where the weight is 0 do not count, not even in a mean.` },
  blocks: { title: 'reduces a term by blocks to the same', look: '`term.blocks` in reduce(): sums over blocks are added up before anything is divided.' },
  reduced: { title: 'passes on what is reduced already', look: "reduce() for a term with `over: 'reduced'`: it has no weights." },
  variables: { title: 'keeps no variable', look: '`tf.variable` in the constructor or reduce(): a reducer has no parameters, so that nothing would train or save it.' },
  leaks: { title: 'leaves no tensor behind', look: '`tf.keep` in reduce(), and work outside of `tf.tidy`.' },
  hostReads: { title: 'reads nothing back from the device', look: '`dataSync` and `arraySync` in reduce(): decide with `tf.where`, divide with `divNoNan` of ops.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeReducer}. */
export type ReducerCheck = keyof typeof REDUCER_CHECKS

/** How a reducer is tried. */
export interface ReducerConformance {
  readonly create: () => Reducer
  /** Labels of the anchors. Default: eight of three classes. */
  readonly labels?: readonly number[]
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<ReducerCheck>
}

/**
 * Whether a reducer keeps its contract for elements, pairs, triplets and what is reduced already: one number, the
 * gradient that differences give, blind to what is not selected, 0 with gradient 0 where nothing is, in blocks as a whole.
 *
 * @example describeReducer('MaxReducer', { create: () => new MaxReducer() })
 */
export function describeReducer(name: string, conformance: ReducerConformance): void {
  expectKnownOptions('describeReducer', conformance, ['create', 'labels', 'skip'])
  const { create, labels = mixedLabels, skip = {} } = conformance
  const check = checksOf('describeReducer', REDUCER_CHECKS, skip)
  const n = labels.length
  const shapes: Readonly<Record<Exclude<TermUnit, 'reduced'>, number[]>> = { element: [n], pair: [n, 5], triplet: [n, 2, 5] }

  /** Values 0.1, 0.12, 0.14, …, in an order that mixes: thresholds between them lie within no difference. */
  const termOf = (over: Exclude<TermUnit, 'reduced'>): Required<Pick<LossTerm, 'over' | 'values' | 'weights' | 'divisor'>> => {
    const shape = shapes[over]
    const size = shape.reduce((product, extent) => product * extent, 1)
    const values = tf.tensor(Float32Array.from({ length: size }, (_, i) => 0.1 + 0.02 * ((i * 7) % size)), shape)
    const weights = tf.tensor(Float32Array.from({ length: size }, (_, i) => i % 3), shape)
    return { over, values, weights, divisor: tf.scalar(3) }
  }

  describe(name, () => {
    expectSetUp(name)
    const reducer = create()
    const relations = relationsOf(labels)
    const reduce = (term: LossTerm) => reducer.reduce(term, relations, 'loss')
    const gradient = (of: LossTerm) => gradientOf('the gradient of the values', (values) => reduce({ ...of, values }), of.values)

    for (const over of ['element', 'pair', 'triplet'] as const) {
      check(over, () => {
        const term = termOf(over)
        const value = reduce(term)
        expectShape('the value', value, [])
        expectFinite('the value', value)
        const differences = { step: 1e-3, gradientTolerance: { atol: 2e-3, rtol: 0.02 } }
        expectGradient('the gradient of the values', gradient(term), (values) => reduce({ ...term, values }), term.values, differences)

        const isSelected = tf.step(term.weights)
        const elsewhere = tf.add(tf.mul(term.values, isSelected), tf.mul(tf.sub(1, isSelected), 1e6))
        expectSame('the value with 1e6 where nothing is selected', reduce({ ...term, values: elsewhere }), value, 'with other values there')

        const none = { ...term, weights: tf.zerosLike(term.weights) }
        expectSame('the value where nothing is selected', reduce(none), tf.scalar(0), 'the contract says')
        expectSame('the gradient where nothing is selected', gradient(none), tf.zerosLike(term.values), 'the contract says')
      })
    }

    check('blocks', () => {
      for (const over of ['pair', 'triplet'] as const) {
        if (skip[over] !== undefined) continue
        const whole = termOf(over)
        const { values, weights } = whole
        const term = (at: tf.Tensor): LossTerm => ({
          ...whole,
          values: at,
          blocks: {
            size: 3,
            rows: [at],
            constants: [weights],
            compute: ({ rows, constants }) => ({ values: rows[0]!, weights: constants[0]!, divisor: tf.div<tf.Scalar>(tf.scalar(3 * rows[0]!.shape[0]!), n) }),
          },
        })
        expectSame(`the value of ${over}s in blocks of 3 anchors`, reduce(term(values)), reduce(whole), 'without blocks')
        const inBlocks = gradientOf('the gradient of values in blocks', (at) => reduce(term(at)), values)
        expectSame(`the gradient of ${over}s in blocks of 3 anchors`, inBlocks, gradient(whole), 'without blocks')
      }
    })

    check('reduced', () => {
      expectSame('the value', reduce({ over: 'reduced', values: tf.scalar(2.5) }), tf.scalar(2.5), 'it came')
    })

    check('variables', () => {
      const watch = new VariableWatch()
      const made = create()
      made.reduce(termOf('element'), relations, 'loss').dispose()
      watch.expectOwned(made, {})
    })

    check('leaks', () => {
      const term = termOf('element')
      expectNoLeak('reduce()', 100, () => reduce(term))
    })

    check('hostReads', () => {
      const term = termOf('element')
      refusingReads(() => reduce(term).dispose())
    })
  })
}
