import { OptionError, ShapeError, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { overElements, reduced } from '../terms/over-elements.js'
import type { LossInputs } from './loss-inputs.js'
import { metricLoss } from './metric-loss.js'

const sound = {
  name: 'OddLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  options: {},
  terms: ({ embeddings }: LossInputs): LossTerms => ({ loss: overElements(tf.sum(embeddings, 1)) }),
}
/** Makes a loss that differs from a sound one, and calls it for a batch of 4. */
function attempt(of: object): tf.Scalar {
  class OddLoss extends metricLoss({ ...sound, ...of }) {}
  return new OddLoss().compute(tf.ones([4, 2]), [0, 0, 1, 1])
}

describe('What a loss says about itself', () => {
  it('is taken where it is sound', () => {
    expect(attempt({}).arraySync()).toBe(2)
  })

  it.each<[string, object, string]>([
    ['a misspelt property', { parametres: () => ({}) }, 'got `parametres`'],
    ['labels of no known policy', { labels: 'unneeded' }, '`labels`'],
    ['no name', { name: '' }, 'a `name`'],
    ['a distance in place of what makes one', { distance: new LpDistance() }, "`distance` to be a function or 'none'"],
    ['no formula', { terms: undefined }, '`terms`, the formula'],
    ['an option that is not declared', { options: { m: 1 } }, '`options.m` to be declared, got 1'],
    ['an option with the name of a member', { options: { compute: option.flag({ default: true }) } }, 'got `compute`'],
    ['one name for a parameter and a buffer', { parameters: () => ({ w: () => tf.zeros([1]) }), buffers: () => ({ w: () => tf.zeros([1]) }) }, '`w` as both'],
    ['a parameter that is no function', { parameters: () => ({ w: 3 }) }, '`w` to be a function that makes a tensor, got 3'],
    ['no terms', { terms: () => ({}) }, 'a formula that returns terms'],
    ['terms that are not there', { terms: () => undefined }, 'a formula that returns terms, got undefined'],
    ['terms to come', { terms: async () => Promise.resolve({}) }, 'a formula that returns terms'],
    ['a bare tensor', { terms: ({ embeddings }: LossInputs) => ({ loss: embeddings }) }, '`loss` to be a term'],
  ])('is refused with %s', (_, of, message) => {
    expect(() => attempt(of)).toThrow(message)
    expect(() => attempt(of)).toThrow(OptionError)
  })

  it.each<[string, (inputs: LossInputs) => LossTerms, string]>([
    ['leave out samples', ({ embeddings }) => ({ part: overElements(tf.slice(tf.sum(embeddings, 1), [0], [3])) }), '`part`, over elements, of shape [4], got [3]'],
    ['are matrices over elements', () => ({ loss: overElements(tf.ones([4, 4])) }), 'of shape [4], got [4, 4]'],
    ['are not one number', ({ embeddings }) => ({ loss: reduced(tf.sum(embeddings, 1)) }), 'over the batch, of shape [], got [4]'],
    ['have weights of another shape', ({ embeddings }) => ({ loss: overElements(tf.sum(embeddings, 1), { weights: tf.ones([4, 1]) }) }), 'weights of the term `loss`'],
  ])('has no terms that %s', (_, terms, message) => {
    expect(() => attempt({ terms })).toThrow(message)
    expect(() => attempt({ terms })).toThrow(ShapeError)
  })

  it('takes values of classes that it names', () => {
    expect(attempt({ terms: () => ({ loss: overElements(tf.tensor1d([1, 3]), { classes: Int32Array.of(0, 1) }) }) }).arraySync()).toBe(2)
  })

  it('has options with a default or without, not both', () => {
    expect(() => option.number({ default: 2, optional: true } as never)).toThrow('`default` or `optional`, got both')
  })
})
