import { defineConfig } from 'vitest/config'
import { testWorkers } from './tools/test-workers.mjs'

/** Every package's tests in one run: `npm test`. `nx test <project>` runs those of one. */
export default defineConfig({
  test: {
    projects: ['packages/*/vitest.config.ts', 'plugins/*/vitest.config.ts', 'examples/*/vitest.config.ts', 'benchmarks/*/vitest.config.ts', 'tools/*/vitest.config.ts'],
    maxWorkers: testWorkers(),
    reporters: ['default', ['json', { outputFile: 'node_modules/.cache/test-results.json' }]],
  },
})
