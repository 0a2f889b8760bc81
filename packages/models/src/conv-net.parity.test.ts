import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import type { Module } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ConvNet } from './conv-net.js'

interface Dump {
  readonly shape: number[]
  readonly values: number[]
}

interface Fixture {
  readonly torch: string
  readonly width: number
  readonly inputChannels: number
  readonly learningRate: number
  readonly inputs: Dump[]
  readonly targets: Dump[]
  readonly initial: Record<string, Dump>
  readonly inference: Dump
  readonly steps: { output: Dump; loss: number; gradients: Record<string, Dump> }[]
  readonly final: Record<string, Dump>
  readonly finalInference: Dump
}

/** Made by fixtures/conv_net.py. */
const fixture = JSON.parse(readFileSync(new URL('../fixtures/conv-net.json', import.meta.url), 'utf8')) as Fixture

/** [n, c, h, w] and [out, in, h, w] as tfjs has them. */
const ours = ({ shape, values }: Dump, order: number[]) => tf.transpose(tf.tensor(values, shape), order)
const image = (dump: Dump) => ours(dump, [0, 2, 3, 1])
const weight = (dump: Dump) => (dump.shape.length === 4 ? ours(dump, [2, 3, 1, 0]) : tf.tensor(dump.values, dump.shape))

const variables = (module: Module) => new Map([...module.parameters, ...module.buffers])

/** As vectors, to 1e-5 of their length: what is rounded off in one element follows from the size of others that it was summed up with. */
async function expectEqual(actual: tf.Tensor, wanted: tf.Tensor, what: string) {
  expect(actual.shape, what).toEqual(wanted.shape)
  const [a, w] = [await actual.data<'float32'>(), await wanted.data<'float32'>()]
  const length = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  expect(length(a.map((value, i) => value - w[i]!)) / length(w), what).toBeLessThan(1e-5)
}

function loadedNet(): ConvNet {
  const net = new ConvNet({ inputChannels: fixture.inputChannels, width: fixture.width })
  expect([...variables(net).keys()].sort()).toEqual(Object.keys(fixture.initial).sort())
  for (const [name, variable] of variables(net)) variable.assign(weight(fixture.initial[name]!))
  return net
}

describe(`ConvNet against PyTorch ${fixture.torch}`, () => {
  it('gives its output in inference', async () => {
    const output = loadedNet().call(image(fixture.inputs[0]!), { training: false })
    await expectEqual(output, tf.tensor(fixture.inference.values, fixture.inference.shape), 'inference')
  })

  it('gives its outputs, losses, gradients, weights and running statistics over three steps of SGD', async () => {
    const net = loadedNet()
    for (const [i, { output, loss, gradients }] of fixture.steps.entries()) {
      let embedded: tf.Tensor | undefined
      const { value, grads } = tf.variableGrads(() => {
        embedded = tf.keep(net.call(image(fixture.inputs[i]!), { training: true }))
        const { values, shape } = fixture.targets[i]!
        return tf.mean(tf.squaredDifference(embedded, tf.tensor(values, shape)))
      }, [...net.parameters.values()])
      await expectEqual(embedded!, tf.tensor(output.values, output.shape), `output of step ${i}`)
      expect(Math.abs((await value.data())[0]! / loss - 1)).toBeLessThan(1e-5)
      for (const [name, gradient] of Object.entries(gradients)) {
        await expectEqual(grads[net.parameters.get(name)!.name]!, weight(gradient), `gradient of ${name}, step ${i}`)
      }
      for (const variable of net.parameters.values()) {
        variable.assign(tf.sub(variable, tf.mul(grads[variable.name]!, fixture.learningRate)))
      }
    }
    for (const [name, dump] of Object.entries(fixture.final)) {
      await expectEqual(variables(net).get(name)!, weight(dump), `final ${name}`)
    }
    const { values, shape } = fixture.finalInference
    await expectEqual(net.call(image(fixture.inputs[0]!), { training: false }), tf.tensor(values, shape), 'final inference')
  })
})
