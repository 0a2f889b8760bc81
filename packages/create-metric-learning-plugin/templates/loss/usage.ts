import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
import { ExampleLoss } from './example-loss.js'

await useBackend('auto')
const loss = new ExampleLoss({ margin: 0.3 })
const embeddings = tf.randomNormal<tf.Rank.R2>([4, 64], 0, 1, 'float32', 1)
console.log(loss.compute(embeddings, [0, 0, 1, 1]).dataSync()) // in a trainer: objectives: [{ loss }]
