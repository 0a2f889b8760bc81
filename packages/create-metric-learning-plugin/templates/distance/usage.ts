import * as tf from '@tensorflow/tfjs-core'
import { useBackend } from '@metric-learning/backend'
import { ExampleDistance } from './example-distance.js'

await useBackend('auto')
const distance = new ExampleDistance() // new TripletMarginLoss({ distance })
console.log(distance.matrix(tf.tensor2d([[1, 0], [0, 2]])).arraySync())
