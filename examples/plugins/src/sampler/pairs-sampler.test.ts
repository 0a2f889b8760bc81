import { describeSampler } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { PairsSampler, type PairsSamplerOptions } from './pairs-sampler.js'

const labels = Array.from({ length: 30 }, (_, row) => row % 6)
const make = (options: Partial<PairsSamplerOptions> = {}) => new PairsSampler({ labels, pairs: 3, ...options })

describeSampler('PairsSampler', {
  create: () => make(),
  sampleCount: 30,
  mistakes: { 'one pair': () => make({ pairs: 1 }), 'more pairs than classes': () => make({ pairs: 7 }), 'an unknown option': () => make({ batchSize: 6 } as never) },
})

it('draws pairs, each of another class, and none of a class of one sample', () => {
  const sampler = make({ labels: [...labels, 6] })
  for (let epoch = 1; epoch < 50; epoch++) {
    const drawn = [...sampler.batch({ seed: 1, epoch, batch: 0 })]
    expect(new Set(drawn).size).toBe(6)
    const classes = drawn.map((row) => [...labels, 6][row])
    expect([classes[0], classes[2], classes[4]]).toEqual([classes[1], classes[3], classes[5]])
    expect(new Set(classes).size).toBe(3)
    expect(classes).not.toContain(6)
  }
})
