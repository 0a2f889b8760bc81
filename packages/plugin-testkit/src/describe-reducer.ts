import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm, Reducer, TermUnit } from '@metric-learning/contracts'
import { relationsOf } from '@metric-learning/ops'
import { describe, expect } from 'vitest'
import { mixedLabels } from './batches.js'
import { check, type Skips } from './conformance.js'
import { differences } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { expectFinite, expectNumbers, expectSame } from './expect-numbers.js'
import { refusingReads } from './refuse-reads.js'

/** What {@link describeReducer} checks, for each kind of term. */
export type ReducerCheck = 'element' | 'pair' | 'triplet' | 'reduced' | 'leaks' | 'hostReads'

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
 * gradient that differences give, blind to what is not selected, 0 with gradient 0 where nothing is.
 *
 * @example describeReducer('MaxReducer', { create: () => new MaxReducer() })
 */
export function describeReducer(name: string, { create, labels = mixedLabels, skip = {} }: ReducerConformance): void {
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
    const reducer = create()
    const relations = relationsOf(labels)
    const reduce = (term: LossTerm) => reducer.reduce(term, relations, 'loss')

    for (const over of ['element', 'pair', 'triplet'] as const) {
      check(`reduces ${over}s: gradient, selection, nothing selected`, skip[over], () => {
        const term = termOf(over)
        const value = reduce(term)
        expect(value.shape).toEqual([])
        expectFinite('value', value)
        const gradient = (of: LossTerm) => tf.grad((values: tf.Tensor) => reduce({ ...of, values }))(of.values)
        const numeric = differences((values) => reduce({ ...term, values }), term.values, 1e-3)
        expectNumbers('gradient', gradient(term).dataSync(), numeric, { atol: 2e-3, rtol: 0.02 })

        const isSelected = tf.step(term.weights)
        const elsewhere = tf.add(tf.mul(term.values, isSelected), tf.mul(tf.sub(1, isSelected), 1e6))
        expectSame('value with others where nothing is selected', reduce({ ...term, values: elsewhere }), value)

        const none = { ...term, weights: tf.zerosLike(term.weights) }
        expectSame('value of nothing', reduce(none), tf.scalar(0))
        expectSame('gradient of nothing', gradient(none), tf.zerosLike(term.values))
      })
    }

    check('passes on what is reduced already', skip.reduced, () => {
      expectSame('value', reduce({ over: 'reduced', values: tf.scalar(2.5) }), tf.scalar(2.5))
    })

    check('leaves no tensor behind', skip.leaks, () => {
      const term = termOf('element')
      expectNoLeak(100, () => reduce(term))
    })

    check('reads nothing back from the device', skip.hostReads, () => {
      const term = termOf('element')
      refusingReads(() => reduce(term).dispose())
    })
  })
}
