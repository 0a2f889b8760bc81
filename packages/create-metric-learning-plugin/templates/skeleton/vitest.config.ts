import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['src/**/*.test.ts'], setupFiles: ['./test-backend.ts'], testTimeout: 60_000 } })
