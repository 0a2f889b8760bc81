import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ProxyNCALoss } from './proxy-nca-loss.js'

const make = (softmaxScale = 1) => {
  const loss = new ProxyNCALoss({ numClasses: 2, embeddingSize: 2, softmaxScale })
  loss.parameters.get('proxies')!.assign(tf.tensor2d([[2, 0], [0, 2]]))
  return loss
}
const x = tf.tensor2d([[3, 4], [1, 0]])

describe('ProxyNCALoss', () => {
  it('is the cross entropy over squared distances to the proxies', () => {
    const [near, far] = [2 - 2 * 0.8, 2 - 2 * 0.6]
    const first = Math.log(Math.exp(-near) + Math.exp(-far)) + far
    const second = Math.log(1 + Math.exp(-2))
    expect(make().compute(x, [0, 0]).arraySync()).toBeCloseTo((first + second) / 2, 5)
    ;[far, near, 0, 2].forEach((d, i) => expect(make().getLogits(x).dataSync()[i]).toBeCloseTo(d, 5))
  })

  it('keeps embeddings that are hopelessly far from their proxy', () => {
    expect(make(1e3).compute(x, [0, 1]).arraySync()).toBeGreaterThan(500)
  })

  it('weighs embeddings by how often they are anchors', () => {
    const only = (row: number) => ({ anchor: [row], positive: [1 - row], negative: [1 - row] })
    const sum = make().compute(x, [0, 1], { selection: only(0) }).arraySync() + make().compute(x, [0, 1], { selection: only(1) }).arraySync()
    expect(make().compute(x, [0, 1]).arraySync()).toBeCloseTo(sum, 5)
  })
})
