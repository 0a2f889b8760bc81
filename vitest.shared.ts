import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { testWorkers } from './tools/test-workers.mjs'

const conditions = ['@metric-learning/source', 'node', 'import', 'module', 'default']

// TensorFlow reads these from the process's own environment, of which vitest gives its workers a copy.
process.env.TF_ENABLE_ONEDNN_OPTS ??= '1'
if (process.env.METRIC_LEARNING_TENSORFLOW_LOGS !== '1') process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'

/** What every package's tests share: sources instead of builds, a process per file, one tensor backend for all. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['src/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: testWorkers(),
    testTimeout: 60_000,
    setupFiles: [fileURLToPath(new URL('./tools/test-support/test-backend.ts', import.meta.url))],
  },
})

/** For packages whose files change nothing outside themselves (no module is mocked, no backend changed): a process runs several, and loads TensorFlow once. */
export const oneProcess = { isolate: false }
