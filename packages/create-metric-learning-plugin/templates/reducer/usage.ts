import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
import { relationsOf } from '@metric-learning/ops'
import { ExampleReducer } from './example-reducer.js'

await useBackend('auto')
const reducer = new ExampleReducer({ alpha: 0.5 }) // new TripletMarginLoss({ reducer })
const term = { over: 'element', values: tf.tensor1d([1, 2, 3]), weights: tf.tensor1d([1, 1, 0]) } as const
console.log(reducer.reduce(term, relationsOf([0, 0, 1]), 'loss').dataSync())
