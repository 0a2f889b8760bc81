import * as tf from '@tensorflow/tfjs-core'
import { Random, type LabelRelations, type Loss, type Module } from '@metric-learning/contracts'
import { Adam } from '@metric-learning/core'
import { relationsOf, stepCompiler, type CompiledStep, type Precision } from '@metric-learning/ops'
import { ArcFaceLoss, SoftTripleLoss, TripletMarginLoss } from '@metric-learning/losses'
import { ConvNet, Embedder, ResNet } from '@metric-learning/models'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CLASSES, EMBEDDING_SIZE } from './small-run.js'

const LABELS = Int32Array.from({ length: 16 }, (_, row) => row >> 1)
const SIDE = 16

interface Case {
  readonly trunk: (random: Random) => Module
  readonly loss: () => Loss
  readonly precision?: Precision
}

const convNet = (random: Random) => new ConvNet({ width: 4, blocks: 2, random })

/** Where a graph of TensorFlow computes with other kernels than eager calls, or in another precision. */
const cases: Readonly<Record<string, Case>> = {
  'max pooling with windows that overlap': {
    trunk: (random) => new ResNet({ inputChannels: 1, width: 4, blocks: [1, 1], stem: 'large', random }),
    loss: () => new TripletMarginLoss({ margin: 0.2 }),
  },
  'a loss with softmax': {
    trunk: convNet,
    loss: () => new SoftTripleLoss({ numClasses: CLASSES, embeddingSize: EMBEDDING_SIZE, centersPerClass: 2, seed: 0 }),
  },
  bfloat16: {
    trunk: convNet,
    loss: () => new ArcFaceLoss({ numClasses: CLASSES, embeddingSize: EMBEDDING_SIZE, seed: 0 }),
    precision: 'bfloat16',
  },
}

/** A training with everything of its own, the same each time that it is made. */
class Training {
  readonly #modules: readonly [Module, Module]
  readonly #loss: Loss
  readonly #adam = new Adam({ learningRate: 0.01 })
  readonly #compiled: CompiledStep
  #relations: LabelRelations | undefined

  constructor({ trunk, loss, precision = 'float32' }: Case) {
    const random = new Random(3)
    const made = trunk(random)
    this.#modules = [made, new Embedder({ inputSize: made.outputSize, embeddingSize: EMBEDDING_SIZE, random })]
    this.#loss = loss()
    this.#compiled = stepCompiler()!((x) => this.#update(x!), { fallback: 'throw', precision })
    onTestFinished(() => {
      this.#compiled.dispose()
      this.#adam.dispose()
      for (const module of this.#modules) module.dispose()
    })
  }

  /** Takes a step on the batch of this number; gives the loss, bit for bit. */
  step(batch: number): number {
    const random = new Random(100 + batch)
    this.#relations = relationsOf(LABELS)
    return tf.tidy(() => {
      const pixels = Float32Array.from({ length: LABELS.length * SIDE * SIDE }, () => random.normal())
      const samples = tf.tensor4d(pixels, [LABELS.length, SIDE, SIDE, 1])
      return this.#compiled(samples, ...this.#relations!.tensors)[0]!.dataSync()[0]!
    })
  }

  /** Parameters, buffers and slots, as they are in the session: bit for bit. */
  values(): Float32Array[] {
    return this.#variables().map((variable) => variable.dataSync<'float32'>().slice())
  }

  restore(values: readonly Float32Array[]): void {
    // Slots come into being; then it is as if there had been no step.
    this.step(0)
    this.#compiled.clear()
    const variables = this.#variables()
    expect(variables).toHaveLength(values.length)
    tf.tidy(() => {
      variables.forEach((variable, i) => variable.assign(tf.tensor(values[i]!, variable.shape)))
    })
  }

  #variables(): tf.Variable[] {
    const parts = [...this.#modules.flatMap(({ parameters, buffers }) => [parameters, buffers]), this.#loss.parameters, this.#adam.slots]
    return parts.flatMap((part) => [...part.values()])
  }

  #update(samples: tf.Tensor): tf.Tensor[] {
    const [trunk, embedder] = this.#modules
    const parameters = new Map([trunk, embedder, this.#loss].flatMap((part, i) => [...part.parameters].map(([name, variable]) => [`${i}.${name}`, variable] as const)))
    const forward = () => {
      const embeddings = embedder.call(trunk.call(samples, { training: true }), { training: true }) as tf.Tensor2D
      return this.#loss.compute(embeddings, this.#relations!)
    }
    const { value, grads } = tf.variableGrads(forward, [...parameters.values()])
    this.#adam.apply(parameters, new Map([...parameters].map(([name, variable]) => [name, grads[variable.name]!])))
    return [value]
  }
}

describe.runIf(stepCompiler())('A run that goes on from saved variables', () => {
  it.each(Object.entries(cases))('equals the one that was not interrupted, bit for bit: %s', (_, options) => {
    const whole = new Training(options)
    const losses = Array.from({ length: 8 }, (_, i) => whole.step(i))
    expect(new Set(losses).size, 'losses that move').toBe(8)

    for (const at of [1, 5]) {
      const first = new Training(options)
      const before = Array.from({ length: at }, (_, i) => first.step(i))
      const second = new Training(options)
      second.restore(first.values())
      const after = Array.from({ length: 8 - at }, (_, i) => second.step(at + i))
      expect([...before, ...after]).toEqual(losses)
      expect(second.values()).toEqual(whole.values())
    }
  })
})
