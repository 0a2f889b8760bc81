import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ArcFaceLoss } from '../arc-face-loss.js'
import { MarginLoss } from '../margin-loss.js'
import { NTXentLoss } from '../nt-xent-loss.js'
import { SelfSupervisedLoss } from './self-supervised-loss.js'

const [first, second] = [tf.randomNormal<tf.Rank.R2>([4, 3], 0, 1, 'float32', 1), tf.randomNormal<tf.Rank.R2>([4, 3], 0, 1, 'float32', 2)]
const references = { refEmbeddings: second }
const samples = [0, 1, 2, 3]

describe('SelfSupervisedLoss', () => {
  it('takes all views for one batch in which each sample is a class', () => {
    const value = new SelfSupervisedLoss({ loss: new NTXentLoss() }).compute(first, undefined, { references })
    expect(value.arraySync()).toBe(new NTXentLoss().compute(tf.concat([first, second]), [...samples, ...samples]).arraySync())
  })

  it('takes the second views for references when it is not symmetric', () => {
    const value = new SelfSupervisedLoss({ loss: new NTXentLoss(), symmetric: false }).compute(first, undefined, { references })
    expect(value.arraySync()).toBe(new NTXentLoss().compute(first, samples, { references: { ...references, refLabels: samples } }).arraySync())
  })

  it('refuses labels, views that are missing or of another number, and losses of classes', () => {
    const loss = new SelfSupervisedLoss({ loss: new NTXentLoss() })
    expect(() => loss.compute(first, samples, { references })).toThrow('got labels')
    expect(() => loss.compute(first, undefined)).toThrow(/got no references.*`against: 'otherEmbeddings'`/)
    expect(() => loss.compute(first, undefined, { references: { refEmbeddings: tf.slice(second, 1) } })).toThrow('[4, 3], got [3, 3]')
    expect(() => new SelfSupervisedLoss({ loss: new ArcFaceLoss({ numClasses: 3, embeddingSize: 3 }) })).toThrow('got ArcFaceLoss')
    expect(() => new SelfSupervisedLoss({ loss: new MarginLoss() })).toThrow('such as TripletMarginLoss')
  })
})
