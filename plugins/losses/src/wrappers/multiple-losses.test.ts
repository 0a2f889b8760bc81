import * as tf from '@tensorflow/tfjs-core'
import type { Miner } from '@metric-learning/contracts'
import { relationsOf, selectAllPairs } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { ArcFaceLoss } from '../arc-face-loss.js'
import { ContrastiveLoss } from '../contrastive-loss.js'
import { DynamicSoftMarginLoss } from '../dynamic-soft-margin-loss.js'
import { CrossBatchMemory } from './cross-batch-memory/cross-batch-memory.js'
import { MultipleLosses } from './multiple-losses.js'
import { TripletMarginLoss } from '../triplet-margin-loss.js'

const embeddings = tf.randomNormal<tf.Rank.R2>([6, 3], 0, 1, 'float32', 1)
const labels = [0, 0, 1, 1, 2, 2]
const [pairs, triplets] = [new ContrastiveLoss(), new TripletMarginLoss()]
const valueOf = (loss: ContrastiveLoss | TripletMarginLoss) => loss.compute(embeddings, labels).arraySync()

describe('MultipleLosses', () => {
  it('is the weighted sum, not the average', () => {
    const value = new MultipleLosses({ losses: { pairs, triplets }, weights: { pairs: 2, triplets: 0.5 } }).compute(embeddings, labels)
    expect(value.arraySync()).toBeCloseTo(2 * valueOf(pairs) + 0.5 * valueOf(triplets), 5)
    expect(new MultipleLosses({ losses: [pairs, triplets] }).compute(embeddings, labels).arraySync()).toBeCloseTo(valueOf(pairs) + valueOf(triplets), 5)
  })

  it('mines for the losses that have a miner', () => {
    const nothing: Miner = { name: 'nothing', mine: () => noPairs() }
    const value = new MultipleLosses({ losses: { pairs, triplets }, miners: { pairs: nothing } }).compute(embeddings, labels)
    expect(value.arraySync()).toBeCloseTo(valueOf(triplets), 5)
    expect(new MultipleLosses({ losses: [pairs, triplets], miners: [undefined, nothing] }).compute(embeddings, labels).arraySync()).toBeCloseTo(valueOf(pairs), 5)
  })

  it('has the parameters and buffers of all under their names', () => {
    const { parameters, buffers } = new MultipleLosses({ losses: [new DynamicSoftMarginLoss(), new ArcFaceLoss({ numClasses: 3, embeddingSize: 3 })] })
    expect([...parameters.keys(), ...buffers.keys()]).toEqual(['losses.1.W', 'losses.0.histogram'])
  })

  it('refuses weights or miners that do not go with the losses, and a selection beside miners', () => {
    expect(() => new MultipleLosses({ losses: [pairs, triplets], weights: [1] })).toThrow('`weights` for the losses 0, 1, got 0')
    expect(() => new MultipleLosses({ losses: { pairs }, weights: { other: 1 } })).toThrow('got other')
    expect(() => new MultipleLosses({ losses: [] })).toThrow('at least one loss')
    const loss = new MultipleLosses({ losses: [pairs], miners: [{ name: 'nothing', mine: () => noPairs() }] })
    expect(() => loss.compute(embeddings, labels, { selection: noPairs() })).toThrow('beside miners')
  })

  it.each([false, 0, ''])('refuses %j for a miner, which is neither one nor left out', (miner) => {
    const message = 'MultipleLosses: wanted `miners.0` to be an object with `mine`'
    expect(() => new MultipleLosses({ losses: [pairs], miners: [miner as never] })).toThrow(message)
    expect(() => new MultipleLosses({ losses: { pairs }, miners: { pairs: miner as never } })).toThrow(message.replace('0', 'pairs'))
    expect(new MultipleLosses({ losses: [pairs, triplets], miners: [null, undefined] }).miners).toEqual({})
  })

  it('refuses a loss with buffers a second time, within another wrapper too', () => {
    const memory = new CrossBatchMemory({ loss: pairs, embeddingSize: 3, memorySize: 8 })
    const wanted = 'MultipleLosses: wanted losses with buffers of their own'
    expect(() => new MultipleLosses({ losses: [memory, pairs, memory] })).toThrow(`${wanted}, got those of losses.0 again in losses.2. Make a second object`)
    expect(() => new MultipleLosses({ losses: { memory, more: new MultipleLosses({ losses: [memory] }) } })).toThrow(`${wanted}, got those of losses.memory again in losses.more`)
    expect(() => new MultipleLosses({ losses: [pairs, pairs] })).not.toThrow()
    memory.dispose()
  })
})

function noPairs() {
  const { positive, negative } = selectAllPairs(relationsOf(labels))
  return { kind: 'pairs' as const, positive: tf.zerosLike(positive), negative: tf.zerosLike(negative) }
}
