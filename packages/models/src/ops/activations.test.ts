import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { withoutFusedKernel } from '../../../../tools/test-support/without-fused-kernel.js'
import { gelu } from './gelu.js'
import { relu6 } from './relu6.js'
import { silu } from './silu.js'

const x = [-9, -3, -1.5, -0.1, 0, 0.2, 1, 2.5, 6, 7]

interface Case {
  readonly name: string
  readonly activation: (input: tf.Tensor1D) => tf.Tensor1D
  /** Of torch.nn.functional in PyTorch 2.13.0, in float64, at `x`. */
  readonly values: readonly number[]
  readonly slopes: readonly number[]
}

const cases: readonly Case[] = [
  {
    name: 'relu6',
    activation: relu6,
    values: [0, 0, 0, 0, 0, 0.2, 1, 2.5, 6, 6],
    slopes: [0, 0, 0, 0, 0, 1, 1, 1, 0, 0],
  },
  {
    name: 'silu',
    activation: silu,
    values: [
      -0.00111055118, -0.14227762, -0.273638286, -0.0475020813, 0, 0.109966799, 0.731058579, 2.31035455, 5.98516426,
      6.99362264,
    ],
    slopes: [
      -0.000987019572, -0.088104106, -0.0412941543, 0.450083209, 0.5, 0.599337312, 0.927670512, 1.09940111, 1.01232643,
      1.0054605,
    ],
  },
  {
    name: 'gelu',
    activation: (input) => gelu(input),
    values: [
      0, -0.00404969409, -0.100210802, -0.0460172163, 0, 0.115851942, 0.841344746, 2.48447584, 5.99999999, 7,
    ],
    slopes: [
      0, -0.0119456472, -0.127469192, 0.420476908, 0.5, 0.657468248, 1.08331547, 1.03761109, 1.00000004, 1,
    ],
  },
  {
    name: "gelu(approximate='tanh')",
    activation: (input) => gelu(input, 'tanh'),
    values: [0, -0.00363739208, -0.100428423, -0.046017249, 0, 0.11585143, 0.841191991, 2.48491573, 6, 7],
    slopes: [0, -0.0115841666, -0.127710793, 0.420478211, 0.5, 0.657458149, 1.08296408, 1.03795158, 1, 1],
  },
]

function expectClose(got: tf.Tensor, wanted: readonly number[]): void {
  const values = got.dataSync()
  expect(values).toHaveLength(wanted.length)
  values.forEach((value, i) => {
    expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(wanted[i]!)))
  })
}

describe('activations', () => {
  it.each(cases)('have the values and slopes of PyTorch: $name', ({ activation, values, slopes }) => {
    expectClose(activation(tf.tensor1d(x)), values)
    const two = tf.fill<tf.Rank.R1>([x.length], 2)
    expectClose(tf.grad((input) => activation(input as tf.Tensor1D))(tf.tensor1d(x), two), slopes.map((slope) => 2 * slope))
  })

  it.each(cases)('are finite far out, and leak nothing: $name', ({ activation }) => {
    const far = tf.tensor1d([-1e4, 1e4])
    const before = tf.memory().numTensors
    for (let i = 0; i < 20; i++) {
      const slopes = tf.tidy(() => tf.grad((input) => activation(input as tf.Tensor1D))(far))
      expect([...slopes.dataSync()].every(Number.isFinite)).toBe(true)
      slopes.dispose()
    }
    expect(tf.memory().numTensors).toBe(before)
  })

  it('relu6 has the same slopes without the fused kernel', () => {
    withoutFusedKernel(FusedKernel.relu6Grad, () => {
      expectClose(tf.grad((input) => relu6(input))(tf.tensor1d(x)), cases[0]!.slopes)
    })
  })
})
