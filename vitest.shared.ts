import { defineConfig } from 'vitest/config'

const conditions = ['@metric-learning/source', 'node', 'import', 'module', 'default']

/** What every package's tests share: sources instead of builds, a process per file, one tensor backend for all. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['src/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    setupFiles: [new URL('./tools/test-backend.ts', import.meta.url).pathname],
  },
})
