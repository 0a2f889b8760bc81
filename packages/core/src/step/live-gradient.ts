import type * as tf from '@tensorflow/tfjs-core'
import { describeValue, isTensor, ShapeError } from '@metric-learning/contracts'

/** Whether what a plugin gave for a gradient can be computed with. */
export const isLive = (gradient: unknown): gradient is tf.Tensor => isTensor(gradient) && !gradient.isDisposed

/** @param who the hook, and what was called there */
export function deadGradient(who: string, name: string, gradient: unknown): ShapeError {
  const wasTensor = isTensor(gradient)
  return new ShapeError({
    who,
    wanted: `the gradient of ${name} to be a tensor`,
    got: wasTensor ? 'one that was disposed' : describeValue(gradient),
    fix: wasTensor ? 'Return it from `tf.tidy`, or `tf.keep` it in hooks.exchange, and do not dispose it: the trainer does.' : 'Give a tensor for each name.',
  })
}

/** Names those who tap a hook, of whom one gave what is wrong. */
export const tappedBy = (taps: readonly { readonly name: string }[]): string => taps.map(({ name }) => `plugin "${name}"`).join(' or ')
