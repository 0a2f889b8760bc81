import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, type Regularizer } from '@metric-learning/contracts'
import { stepCompiler } from '@metric-learning/ops'
import { describe } from 'vitest'
import { hostileTexts, randomEmbeddings, shuffledRows } from './batches.js'
import { checksOf, type CheckText, type Skips } from './conformance.js'
import { expectGradient, gradientOf, type DifferenceOptions } from './differences.js'
import { expectNoLeak } from './expect-no-leak.js'
import { expectFinite, expectRefused, expectSame, expectShape, expectThat } from './expectations.js'
import { expectSetUp, noCompiler } from './expect-set-up.js'
import { refusingReads } from './refuse-reads.js'
import { expectKnownInfluences, VariableWatch } from './variable-watch.js'

type HostileRows = 'duplicates' | 'zeroVectors' | 'largeNorm'
const on = (hostile: HostileRows): CheckText => ({
  title: `is finite, gradient included, on ${hostileTexts[hostile].on}`,
  look: hostileTexts[hostile].look,
})

/** What {@link describeRegularizer} checks. */
export const REGULARIZER_CHECKS = {
  gradient: { title: 'has the gradient that differences give', look: 'custom gradients, and what is cut off by `withoutGradient`; where the formula has a kink there, try other rows.' },
  terms: { title: 'has terms that its value is made of', look: 'terms(): values and weights of one shape, finite also where the weight is 0, and the same formula as in compute().' },
  repeatable: { title: 'gives the same again', look: 'what compute() keeps in fields or draws at random: a regularizer has no state that a run would save.' },
  duplicates: on('duplicates'),
  zeroVectors: on('zeroVectors'),
  largeNorm: on('largeNorm'),
  permutation: { title: 'does not depend on the order of rows', look: 'what compute() does by row numbers; a price on rows that belong to classes skips this.' },
  variables: { title: 'keeps no variable', look: '`tf.variable` in the constructor or compute(): a regularizer has no parameters, so that nothing would train or save it.' },
  badInput: { title: 'refuses bad input with an error of this library', look: 'the first lines of compute() and terms(): `expectShape` of contracts.' },
  leaks: { title: 'leaves no tensor behind', look: '`tf.keep` in compute(), and work outside of `tf.tidy`; of terms() values, weights and divisor alone are the caller\'s.' },
  hostReads: { title: 'reads nothing back from the device', look: '`dataSync` and `arraySync` in compute() and in custom gradients.' },
  compile: { title: 'compiles, and gives the same as one graph', look: 'what compute() decides on the host from call to call: in a graph it is decided once.' },
} as const satisfies Record<string, CheckText>

/** A check of {@link describeRegularizer}. */
export type RegularizerCheck = keyof typeof REGULARIZER_CHECKS

/** How a regularizer is tried. */
export interface RegularizerConformance extends DifferenceOptions {
  readonly create: () => Regularizer
  /** Rows that it is given. Default 6. */
  readonly rows?: number
  /** Width of the rows. Default 4. */
  readonly embeddingSize?: number
  /** Checks that do not apply, and why. */
  readonly skip?: Skips<RegularizerCheck>
}

/**
 * Whether a regularizer keeps its contract: one number with the gradient that differences give, finite on duplicates and
 * zero vectors, terms of one shape, nothing kept, nothing read from the device.
 *
 * @example describeRegularizer('UnitNormRegularizer', { create: () => new UnitNormRegularizer() })
 */
export function describeRegularizer(name: string, conformance: RegularizerConformance): void {
  expectKnownOptions('describeRegularizer', conformance, ['create', 'rows', 'embeddingSize', 'step', 'gradientTolerance', 'skip'])
  const { create, rows: count = 6, embeddingSize = 4, skip = {} } = conformance
  const check = checksOf('describeRegularizer', REGULARIZER_CHECKS, skip)

  describe(name, () => {
    expectSetUp(name)
    const regularizer = create()
    const rowsOf = (seed = 11) => randomEmbeddings(count, embeddingSize, seed)
    const price = (x: tf.Tensor) => regularizer.compute(x as tf.Tensor2D)
    const gradient = (x: tf.Tensor) => gradientOf('the gradient of the rows', price, x)

    check('gradient', () => {
      const rows = rowsOf()
      expectShape('the value', price(rows), [])
      expectGradient('the gradient of the rows', gradient(rows), price, rows, conformance)
    })

    check('terms', () => {
      const terms = Object.entries(regularizer.terms(rowsOf()))
      expectThat(terms.length > 0, { what: 'terms()', wanted: 'at least one term', got: 'none' })
      for (const [term, { over, values, weights }] of terms) {
        expectFinite(`the values of "${term}"`, values)
        if (over === 'reduced') expectShape(`the values of "${term}", which is reduced`, values, [])
        else {
          expectThat(weights !== undefined, { what: `the weights of "${term}"`, wanted: `one for each ${over}`, got: 'none' })
          expectShape(`the weights of "${term}"`, weights, values.shape)
        }
      }
    })

    check('repeatable', () => {
      const rows = rowsOf()
      const first = price(rows)
      expectSame('the value of a second call', price(rows), first, 'in the first')
    })

    const hostile: Readonly<Record<HostileRows, () => tf.Tensor>> = {
      duplicates: () => tf.tile(tf.slice(rowsOf(), 0, 1), [count, 1]),
      zeroVectors: () => tf.zeros([count, embeddingSize]),
      largeNorm: () => tf.mul(rowsOf(), 1e4),
    }
    for (const [key, make] of Object.entries(hostile) as [HostileRows, () => tf.Tensor][]) {
      check(key, () => {
        const rows = make()
        expectFinite('the value', price(rows))
        expectFinite('the gradient of the rows', gradient(rows))
      })
    }

    check('permutation', () => {
      const rows = rowsOf()
      expectSame('the value of rows in another order', price(tf.gather(rows, shuffledRows(count))), price(rows), 'in the first order')
    })

    check('variables', () => {
      const rows = rowsOf()
      const watch = new VariableWatch()
      const made = create()
      made.compute(rows).dispose()
      watch.expectOwned(made, {})
      expectKnownInfluences(() => made.compute(rows), made, {})
    })

    check('badInput', () => {
      const vector = tf.zeros([embeddingSize]) as unknown as tf.Tensor2D
      expectRefused('rows that are a vector, in compute()', () => regularizer.compute(vector))
      expectRefused('rows that are a vector, in terms()', () => regularizer.terms(vector))
    })

    check('leaks', () => {
      const rows = rowsOf()
      expectNoLeak('compute()', 100, () => price(rows))
      expectNoLeak('compute() and its gradient', 5, () => gradient(rows))
      expectNoLeak('terms()', 10, () =>
        Object.values(regularizer.terms(rows)).flatMap(({ values, weights, divisor }) => [values, weights, divisor].filter((tensor) => tensor !== undefined)),
      )
    })

    check('hostReads', () => {
      const rows = rowsOf()
      refusingReads(() => tf.tidy(() => void gradient(rows)))
    })

    check('compile', () => {
      const step = (x: tf.Tensor) => {
        const { value, grad } = tf.valueAndGrad(price)(x)
        return [value, grad]
      }
      const compiled = stepCompiler()!((x) => step(x!), { name, fallback: 'throw' })
      for (let call = 1; call <= 3; call++) {
        const rows = rowsOf(call)
        const [value, slope] = compiled(rows)
        const [expected, expectedSlope] = step(rows)
        expectSame(`the value of compiled call ${call}`, value!, expected!, 'operation by operation')
        expectSame(`the gradient of compiled call ${call}`, slope!, expectedSlope!, 'operation by operation')
      }
      compiled.dispose()
    }, { unavailable: noCompiler() })
  })
}
