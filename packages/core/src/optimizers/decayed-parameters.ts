import type * as tf from '@tensorflow/tfjs-core'
import { describeValue, OptionError, type Parameters } from '@metric-learning/contracts'
import { pathTo } from './path-to.js'

/**
 * Which parameters weight decay shrinks. `'all'`: as `torch.optim`. `'matrices'`: those of rank 2 and above, so that biases, and
 * scales and offsets of norms, are spared, as timm has it. Paths: those that one of them leads to, `trunk` or `trunk.blocks.*.conv`.
 */
export type DecayedParameters = 'all' | 'matrices' | readonly string[]

/** @throws {OptionError} when it is none, or nothing decays to begin with. */
export function expectDecayedParameters(who: string, given: DecayedParameters | undefined, weightDecay: number): void {
  if (given === undefined) return
  const isPaths = Array.isArray(given) && given.length > 0 && given.every((path) => typeof path === 'string' && path !== '')
  if (given !== 'all' && given !== 'matrices' && !isPaths) {
    throw new OptionError({ who, wanted: "`weightDecayOf` to be 'all', 'matrices' or paths of parameters", got: describeValue(given), fix: "Pass such as ['trunk.blocks.*.conv'], or leave it out for 'all'." })
  }
  if (weightDecay > 0) return
  throw new OptionError({ who, wanted: '`weightDecay` above 0 beside `weightDecayOf`', got: '0', fix: 'Pass one, such as 0.01, or leave `weightDecayOf` out.' })
}

/** @throws {OptionError} when a path leads to none of the parameters. */
export function expectPathsOf(who: string, decayed: DecayedParameters, parameters: Parameters): void {
  if (typeof decayed === 'string') return
  const idle = decayed.find((path) => ![...parameters.keys()].some((name) => pathTo(name, [path]) !== undefined))
  if (idle === undefined) return
  throw new OptionError({ who, wanted: `paths of parameters in \`weightDecayOf\`, such as ${[...parameters.keys()].slice(0, 3).join(', ')}`, got: `"${idle}"`, fix: 'Correct it, or leave it out.' })
}

/** Whether weight decay shrinks a parameter of that name. */
export function isDecayed(decayed: DecayedParameters, name: string, { rank }: tf.Tensor): boolean {
  if (decayed === 'all') return true
  return decayed === 'matrices' ? rank > 1 : pathTo(name, decayed) !== undefined
}
