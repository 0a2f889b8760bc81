import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectKnownOptions, type State, type Stateful } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'
import { clippedByNorm } from './clipped-by-norm.js'

export interface AccumulateGradientsOptions {
  /** Steps to a change of the parameters: an integer of at least 1. */
  readonly every: number
  /** The largest global norm, √(Σ g²) over all parameters of an update; longer gradients are scaled down to it. Default: none. */
  readonly maxNorm?: number
}

/** What an update has gathered since it last changed parameters. */
interface Gathered {
  batches: number
  /** By names of parameters. */
  readonly sums: Map<string, tf.Tensor>
}

/**
 * Has parameters change in each `every`-th step only, by the mean gradient of the batches since then, clipped to `maxNorm`. For losses
 * that are means over samples that is the gradient of one batch of them all; losses over pairs see no pair across batches, for which
 * there is the trainer's `chunkSize`. Sums are saved with the run. A step that fails when its gradients have been added drops them all, with a
 * warning of the process: a run that goes on would count its batch twice. `dispose()` frees them. A run that ends before the first change says
 * so by a warning of the process.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export function accumulateGradients(options: AccumulateGradientsOptions): Plugin & Stateful & { dispose(): void } {
  const name = 'accumulateGradients'
  expectKnownOptions(name, options, ['every', 'maxNorm'])
  const { every, maxNorm } = options
  expectFixedNumber(name, 'every', every, { min: 1, integer: true })
  if (maxNorm !== undefined) expectFixedNumber(name, 'maxNorm', maxNorm, { min: 0, exclusiveMin: true })
  const gathered = new Map<string, Gathered>()
  /** The step whose gradients were added last, from 0. */
  let added = -1

  const dispose = () => {
    for (const { sums } of gathered.values()) tf.dispose([...sums.values()])
    gathered.clear()
  }

  return {
    name,
    settings: { every, maxNorm },
    apply({ hooks }) {
      hooks.exchange.tap({ name }, ({ update, step, gradients, replace, hold }) => {
        const { batches = 0, sums = new Map<string, tf.Tensor>() } = gathered.get(update) ?? {}
        for (const [parameter, gradient] of gradients) {
          const before = sums.get(parameter)
          // The gradient is the trainer's, which frees it after the step.
          sums.set(parameter, before ? tf.add(before, gradient) : tf.clone(gradient))
          before?.dispose()
        }
        gathered.set(update, { batches: batches + 1, sums })
        added = step
        // `step` counts the steps before this one.
        if ((step + 1) % every !== 0) hold()
        else {
          const names = [...gradients.keys()]
          const means = tf.tidy(() => {
            const mean = names.map((parameter) => tf.div(sums.get(parameter)!, batches + 1))
            return [...(maxNorm === undefined ? mean : clippedByNorm(mean, maxNorm))]
          })
          replace(new Map(names.map((parameter, i) => [parameter, means[i]!])))
          tf.dispose([...sums.values()])
          gathered.delete(update)
        }
      })
      hooks.failed.tap({ name }, ({ step }) => {
        if (added !== step) return undefined
        dispose()
        added = -1
        globalThis.process?.emitWarning(`${name}: step ${step + 1} failed when its gradients had been added: what was gathered is dropped, and the next change follows from the batches from here on.`)
        return undefined
      })
      hooks.done.tap({ name }, ({ step, stopReason }) => {
        if (step > 0 && step < every && stopReason === undefined) {
          globalThis.process?.emitWarning(`${name}: nothing was learned. The run ended after ${step} steps, and parameters change in each ${every}th: take a smaller \`every\`, or more steps.`)
        }
        return undefined
      })
    },
    // Sums are part of the run: without them, one that goes on between two changes would be another run.
    state: (): State => ({
      values: Object.fromEntries([...gathered].map(([update, { batches }]) => [update, batches])),
      tensors: new Map([...gathered].flatMap(([update, { sums }]) => [...sums].map(([parameter, sum]) => [`${update}/${parameter}`, sum] as const))),
    }),
    restore({ values = {}, tensors = new Map() }: State) {
      dispose()
      for (const [update, batches] of Object.entries(values)) {
        const own = [...tensors].filter(([key]) => key.startsWith(`${update}/`))
        const sums = own.map(([key, sum]) => [key.slice(update.length + 1), tf.clone(sum)] as const)
        gathered.set(update, { batches: batches as number, sums: new Map(sums) })
      }
    },
    dispose,
  }
}
