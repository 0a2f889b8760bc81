import { describeSampler } from '@metric-learning/plugin-testkit'
import { MPerClassSampler, type MPerClassSamplerOptions } from './m-per-class-sampler.js'

const labels = Array.from({ length: 30 }, (_, row) => row % 5)
const make = (options: Partial<MPerClassSamplerOptions> = {}) => new MPerClassSampler({ labels, m: 2, batchSize: 6, ...options })

describeSampler('MPerClassSampler', {
  create: () => make(),
  sampleCount: labels.length,
  mistakes: {
    'an unknown option': () => make({ batchsize: 6 } as never),
    'a batch that is no multiple of m': () => make({ batchSize: 7 }),
    'labels that are no integers': () => make({ labels: [0, 0.5] }),
    'a class with fewer than m samples': () => make({ m: 10, batchSize: 20 }),
  },
})
describeSampler('MPerClassSampler of all classes, with repeats', {
  create: () => new MPerClassSampler({ labels: [0, 0, 0, 1, 1, 2], m: 3, allowRepeats: true, lengthBeforeNewIter: 40 }),
  sampleCount: 6,
})
