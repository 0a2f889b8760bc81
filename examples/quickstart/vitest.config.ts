import { mergeConfig } from 'vitest/config'
import shared, { oneProcess } from '../../vitest.shared.js'

export default mergeConfig(shared, { cacheDir: '../../node_modules/.vite/quickstart', test: oneProcess })
