import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ContrastiveLoss } from '../contrastive-loss.js'
import { DynamicSoftMarginLoss } from '../dynamic-soft-margin-loss.js'
import { ProxyAnchorLoss } from '../proxy-anchor-loss.js'
import { CrossBatchMemory } from './cross-batch-memory/cross-batch-memory.js'
import { MultipleLosses } from './multiple-losses.js'
import { SelfSupervisedLoss } from './self-supervised-loss.js'

const embeddings = tf.randomNormal<tf.Rank.R2>([6, 4], 0, 1, 'float32', 1)
const labels = [0, 0, 1, 1, 2, 2]
const memory = () => new CrossBatchMemory({ loss: new ContrastiveLoss(), embeddingSize: 4, memorySize: 8 })

describe('After dispose()', () => {
  it('a memory says so', () => {
    const disposed = memory()
    disposed.dispose()
    for (const use of [() => disposed.compute(embeddings, labels), () => { disposed.resetQueue() }]) expect(use).toThrow('CrossBatchMemory: wanted a call before dispose(), got one after it')
  })

  it.each([new ProxyAnchorLoss({ numClasses: 3, embeddingSize: 4 }), new DynamicSoftMarginLoss()])('a loss with weights or buffers says so: $name', (loss) => {
    loss.dispose()
    expect(() => loss.compute(embeddings, labels)).toThrow(`${loss.name}: wanted a call before dispose(), got one after it`)
  })
})

describe.each([memory, () => new MultipleLosses({ losses: [new ContrastiveLoss()] }), () => new SelfSupervisedLoss({ loss: new ContrastiveLoss() })])('A wrapper', (make) => {
  it('restores a state, and nothing else', () => {
    for (const state of [undefined, null, 5]) expect(() => { make().restore(state as never) }).toThrow(/^\w+: wanted a state, with `values` and a Map of `tensors`, got/)
  })

  it('passes a position on that is one', () => {
    const wrapper = make()
    const given = { position: tf.tensor1d([1, 2], 'int32'), ...(wrapper.labels === 'refused' && { references: { refEmbeddings: embeddings } }) }
    expect(() => wrapper.compute(embeddings, wrapper.labels === 'refused' ? undefined : labels, given)).toThrow('wanted `position` of shape [3], got [2]')
  })
})

it('MultipleLosses takes losses by names that weights can be called by, and options that it knows', () => {
  for (const name of ['', 'a.b', 'a/b']) expect(() => new MultipleLosses({ losses: { [name]: new ContrastiveLoss() } })).toThrow('wanted losses with names that have no dots and no slashes')
  const loss = new MultipleLosses({ losses: [new ContrastiveLoss()] })
  for (const options of [null, { selections: 1 }]) expect(() => loss.compute(embeddings, labels, options as never)).toThrow('MultipleLosses.compute: wanted')
})

it('SelfSupervisedLoss takes views of float32', () => {
  const loss = new SelfSupervisedLoss({ loss: new ContrastiveLoss() })
  const references = { refEmbeddings: tf.ones<tf.Rank.R2>([6, 4], 'int32') }
  expect(() => loss.compute(embeddings, undefined, { references })).toThrow('SelfSupervisedLoss: wanted `refEmbeddings` of type float32, got int32')
})
