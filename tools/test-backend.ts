import { isMetricLearningError } from '../packages/contracts/src/index.js'
import { useBackend, type BackendName } from '@metric-learning/backend'

const quiet = { log: () => undefined }

/**
 * What tests run on: `METRIC_LEARNING_BACKEND`, else native TensorFlow on the CPU, the same on every machine (a GPU
 * rounds convolutions to 10 bits), else plain JavaScript, which has every kernel.
 */
async function useTestBackend(): Promise<void> {
  const wanted = process.env.METRIC_LEARNING_BACKEND
  try {
    await useBackend((wanted ?? 'native-cpu') as BackendName, quiet)
  } catch (error) {
    if (wanted !== undefined || !isMetricLearningError(error) || error.code !== 'ML_BACKEND') throw error
    await useBackend('cpu', quiet)
  }
}

await useTestBackend()
