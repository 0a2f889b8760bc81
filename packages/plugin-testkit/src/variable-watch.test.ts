import * as tf from '@tensorflow/tfjs-core'
import { Scheduled } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { expectKnownInfluences, VariableWatch } from './variable-watch.js'

const none = { parameters: new Map<string, tf.Variable>() }

describe('VariableWatch', () => {
  it('lets scheduled numbers be, which belong to whoever made them', () => {
    const watch = new VariableWatch()
    const margin = new Scheduled(0.1)
    watch.expectOwned({ margin }, none)
    expect(() => {
      watch.expectOwned({}, none)
    }).toThrow('wanted each of them in `parameters`, got 1 elsewhere: float32 []')
    margin.dispose()
  })
})

describe('expectKnownInfluences', () => {
  it('sees a variable that was made long before, and no other', () => {
    const [used, unused] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.scalar(1))]
    const value = () => tf.sum(tf.square(used))
    expect(() => {
      expectKnownInfluences(value, {}, none)
    }).toThrow('variables that its value depends on: wanted each of them in `parameters`, got 1 elsewhere: float32 [2]')
    expectKnownInfluences(value, {}, { parameters: new Map([['used', used as tf.Variable]]) })
    tf.dispose([used, unused])
  })
})
