import { expectKnownOptions } from '@metric-learning/contracts'
import { metricLossOnly } from '@metric-learning/core'

/** A scheme of one's own that knows the options of another one, and no more. */
export function ownScheme(options: Parameters<typeof metricLossOnly>[0]): ReturnType<typeof metricLossOnly> {
  expectKnownOptions('ownScheme', options, ['trunk', 'embedder'])
  return metricLossOnly(options)
}

/** Does not say what it takes. */
export class PlainLoss {
  readonly name = 'PlainLoss'
}

/** Says that it takes a seed. */
export class DrawingLoss {
  static readonly declaredOptions = { seed: { presence: 'optional', takes: 'an integer' } } as const

  constructor(readonly options: { readonly seed?: number } = {}) {
    expectKnownOptions('DrawingLoss', options, ['seed'])
  }
}
