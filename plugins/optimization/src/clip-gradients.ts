import * as tf from '@tensorflow/tfjs-core'
import { describeValue, expectFixedNumber, expectKnownOptions, expectText, OptionError } from '@metric-learning/contracts'
import { pathTo, type Plugin } from '@metric-learning/core'
import { clippedByNorm } from './clipped-by-norm.js'

export interface ClipGradientsOptions {
  /** The largest norm, √(Σ g²) over all gradients that are clipped in an update; longer ones are scaled down to it. Default: none. */
  readonly maxNorm?: number
  /** The largest absolute value of any number of a gradient; what is beyond becomes that. Before the norm is taken. Default: none. */
  readonly maxValue?: number
  /** Paths of the parameters that are clipped, `trunk` or `trunk.blocks.*.norm`, as `optimizers` has them. Default: all. */
  readonly of?: readonly string[]
  /** Unique within a trainer, for which there may be several, each of other parameters. Default `'clipGradients'`. */
  readonly name?: string
}

/**
 * Clips gradients, inside the step:
 *
 *     g ← max(-maxValue, min(g, maxValue)),   then   g ← g · min(1, maxNorm / (‖g‖ + 1e-6))
 *
 * with ‖g‖ over all that are clipped in the update, as PyTorch's `clip_grad_value_` and `clip_grad_norm_`. It sees the gradients of one
 * batch: behind `accumulateGradients` it would clip each batch's, so that one has a `maxNorm` of its own.
 *
 * @throws {OptionError} when an option is unknown or not above 0, or nothing is to be clipped; when the trainer is made, also when a path
 * leads to no parameter.
 * @see Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, arXiv:1211.5063, section 3.2.
 * @example [clipGradients({ maxNorm: 1, of: ['trunk'], name: 'clip trunk' }), clipGradients({ maxNorm: 0.1, of: ['embedder'], name: 'clip embedder' })]
 */
export function clipGradients(options: ClipGradientsOptions): Plugin {
  expectKnownOptions('clipGradients', options, ['maxNorm', 'maxValue', 'of', 'name'])
  const { name = 'clipGradients', maxNorm, maxValue, of } = options
  if (maxNorm === undefined && maxValue === undefined) {
    throw new OptionError({ who: 'clipGradients', wanted: '`maxNorm` or `maxValue`', got: 'neither', fix: 'Pass `maxNorm: 1`, or leave the plugin out.' })
  }
  if (maxNorm !== undefined) expectFixedNumber('clipGradients', 'maxNorm', maxNorm, { min: 0, exclusiveMin: true })
  if (maxValue !== undefined) expectFixedNumber('clipGradients', 'maxValue', maxValue, { min: 0, exclusiveMin: true })
  if (of !== undefined && (!Array.isArray(of) || of.length === 0 || of.some((path) => typeof path !== 'string'))) {
    throw new OptionError({ who: 'clipGradients', wanted: '`of` to be a list of paths', got: Array.isArray(of) ? JSON.stringify(of) : describeValue(of), fix: "Pass such as ['trunk', 'embedder.bias'], or leave it out for all." })
  }
  expectText('clipGradients', 'name', name, 'a name')
  return {
    name,
    settings: { maxNorm, maxValue, of: of?.join() },
    apply({ hooks, parameters }) {
      for (const path of of ?? []) {
        if ([...parameters.keys()].some((parameter) => pathTo(parameter, [path]))) continue
        throw new OptionError({ who: name, wanted: `a path of parameters, such as ${[...parameters.keys()].slice(0, 3).join(', ')}`, got: `\`${path}\``, fix: 'Correct it, or leave it out.' })
      }
      hooks.gradients.tap({ name }, ({ gradients }) => {
        const own = [...gradients].filter(([parameter]) => of === undefined || pathTo(parameter, of) !== undefined)
        const bounded = own.map(([, gradient]) => (maxValue === undefined ? gradient : tf.clipByValue(gradient, -maxValue, maxValue)))
        const clipped = maxNorm === undefined ? bounded : clippedByNorm(bounded, maxNorm)
        return { gradients: new Map([...gradients, ...own.map(([parameter], i) => [parameter, clipped[i]!] as const)]) }
      })
    },
  }
}
