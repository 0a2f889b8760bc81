import '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'

// Replaced by useBackend of packages/backend once it stands.
await tf.setBackend('cpu')
