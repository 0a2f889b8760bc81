import { nativeIsInstalled, useBackend, type BackendName } from '@metric-learning/backend'

// What tests run on: `METRIC_LEARNING_BACKEND`, else native TensorFlow on the CPU, the same on every machine (a GPU rounds convolutions to
// 10 bits), else plain JavaScript, which has every kernel.
const wanted = process.env.METRIC_LEARNING_BACKEND
await useBackend((wanted ?? (nativeIsInstalled() ? 'native-cpu' : 'cpu')) as BackendName, { log: () => undefined })
