import { Adam, AdamW, RMSprop, SGD } from '@metric-learning/core'
import { Scheduled } from '@metric-learning/ops'
import { describeOptimizer } from './describe-optimizer.js'

// Core can't import this package, which imports core.
describeOptimizer('Adam', { create: () => new Adam(), mistakes: { 'a learning rate of -1': () => new Adam({ learningRate: -1 }) } })
describeOptimizer('Adam with weight decay', { create: () => new Adam({ weightDecay: 0.1 }) })
describeOptimizer('Adam of a scheduled rate', { create: () => new Adam({ learningRate: rate() }), skip: { dispose: 'the rate is its maker’s' } })
describeOptimizer('AdamW', { create: () => new AdamW({ weightDecay: 0.1 }), mistakes: { 'an unknown option': () => new AdamW({ lr: 1 } as never) } })
describeOptimizer('AdamW of matrices', { create: () => new AdamW({ weightDecay: 0.1, weightDecayOf: 'matrices' }), mistakes: { 'what decays, of something else': () => new AdamW({ weightDecayOf: 'biases' as never }) } })
describeOptimizer('SGD', { create: () => new SGD({ learningRate: 0.01 }), mistakes: { 'a momentum of -1': () => new SGD({ learningRate: 0.01, momentum: -1 }) } })
describeOptimizer('SGD with momentum', { create: () => new SGD({ learningRate: 0.01, momentum: 0.9, nesterov: true }) })
describeOptimizer('RMSprop', { create: () => new RMSprop(), mistakes: { 'an alpha of 2': () => new RMSprop({ alpha: 2 } as never) } })

const rate = (): Scheduled => new Scheduled(0.01)
