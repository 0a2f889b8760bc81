import * as tf from '@tensorflow/tfjs-core'
import type { Stateful } from '@metric-learning/contracts'
import { SGD, Trainer, type Plugin } from '@metric-learning/core'

export interface TinyRunOptions {
  readonly plugin: Plugin & Stateful
  /** Those that come after it. Default none. */
  readonly others?: readonly Plugin[]
  /** Steps of an epoch. Default 4. */
  readonly steps?: number
  /** What is measured after an epoch, by tag `<split>/<metric>`. Default nothing. */
  readonly evaluate?: (epoch: number, step: number) => Readonly<Record<string, number | null>>
  /** Measures within epochs, too. */
  readonly evaluateEverySteps?: number
  /** Called before each step. */
  readonly onStep?: (step: number) => unknown
}

/** A run whose one weight is the number of steps taken, and whose loss is minus that before the step. */
export class TinyRun {
  readonly weight = tf.tidy(() => tf.variable(tf.zeros([2, 3])))
  readonly trainer: Trainer

  constructor({ plugin, others = [], steps = 4, evaluate, evaluateEverySteps, onStep }: TinyRunOptions) {
    const around: Plugin = {
      name: 'around',
      apply({ hooks }) {
        hooks.batchStart.tapPromise({ name: 'around' }, async ({ step }) => {
          await onStep?.(step + 1)
        })
        const tap = { name: 'around', ...(evaluateEverySteps !== undefined && { everySteps: evaluateEverySteps }) }
        hooks.evaluate.tap(tap, ({ epoch, step }) => {
          if (epoch === 0 || !evaluate) return undefined
          const found = Object.entries(evaluate(epoch, step)).map(([tag, value]) => [tag.split('/'), value] as const)
          return { tester: 'around', metrics: Object.fromEntries(found.map(([[split, metric], value]) => [split!, { [metric!]: value }])), seconds: 0 }
        })
      },
    }
    this.trainer = new Trainer({
      trunk: {
        name: 'weight',
        parameters: new Map([['weight', this.weight as tf.Variable]]),
        buffers: new Map(),
        outputSize: 1,
        call: (x) => tf.add(tf.mul(x, 0), tf.mean(this.weight)),
        dispose: () => undefined,
      },
      dataset: {
        name: 'one',
        labels: Int32Array.of(0),
        classNames: ['a'],
        sampleShape: [1],
        load: () => Promise.resolve({ values: Float32Array.of(1), shape: [1, 1] }),
      },
      sampler: { name: 'all', batchSize: 1, batchesPerEpoch: steps, batch: () => Int32Array.of(0) },
      objectives: [{ loss: { name: 'minus', parameters: new Map(), compute: (x) => tf.neg(tf.mean<tf.Scalar>(x)) } }],
      // The gradient is -1/6 everywhere.
      optimizers: { trunk: new SGD({ learningRate: 6 }) },
      logEverySteps: 1,
      compile: false,
      plugins: [plugin, ...others, around],
    })
  }

  get step(): number {
    return this.trainer.step
  }

  get stopReason(): string | undefined {
    return this.trainer.stopReason
  }

  train(epochs: number): Promise<void> {
    return this.trainer.train({ epochs })
  }

  dispose(): void {
    this.trainer.optimizers.forEach((optimizer) => optimizer.dispose())
    this.trainer.dispose()
    this.weight.dispose()
  }
}
