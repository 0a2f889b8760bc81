import { mergeConfig } from 'vitest/config'
import shared, { oneProcess } from '../../vitest.shared.js'

/** Templates are tested as they are. */
export default mergeConfig(shared, { cacheDir: '../../node_modules/.vite/create-metric-learning-plugin', test: { ...oneProcess, include: ['templates/**/*.test.ts'] } })
