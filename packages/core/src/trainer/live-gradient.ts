import type * as tf from '@tensorflow/tfjs-core'
import { describeValue, ShapeError } from '@metric-learning/contracts'

/** Whether what a plugin gave for a gradient can be computed with. */
export const isLive = (gradient: unknown): gradient is tf.Tensor =>
  typeof gradient === 'object' && gradient !== null && 'dataId' in gradient && !(gradient as tf.Tensor).isDisposed

/** @param who the hook, and what was called there */
export function deadGradient(who: string, name: string, gradient: unknown): ShapeError {
  const isTensor = typeof gradient === 'object' && gradient !== null && 'dataId' in gradient
  return new ShapeError({
    who,
    wanted: `the gradient of ${name} to be a tensor`,
    got: isTensor ? 'one that was disposed' : describeValue(gradient),
    fix: isTensor ? 'Return it from `tf.tidy`, or `tf.keep` it in hooks.exchange, and do not dispose it: the trainer does.' : 'Give a tensor for each name.',
  })
}

/** Names those who tap a hook, of whom one gave what is wrong. */
export const tappedBy = (taps: readonly { readonly name: string }[]): string => taps.map(({ name }) => `plugin "${name}"`).join(' or ')
