import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
import { ExampleMiner } from './example-miner.js'

await useBackend('auto')
const miner = new ExampleMiner({ radius: 1 })
const embeddings = tf.randomNormal<tf.Rank.R2>([4, 64], 0, 1, 'float32', 1)
const selection = miner.mine(embeddings, [0, 0, 1, 1]) // in a trainer: objectives: [{ loss, miner }]
console.log(selection.positive.arraySync(), selection.negative.arraySync())
