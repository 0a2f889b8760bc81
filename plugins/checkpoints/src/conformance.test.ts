import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { afterAll } from 'vitest'
import { checkpoints } from './checkpoints.js'

const base = mkdtempSync(join(tmpdir(), 'checkpoints-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})
const folder = () => mkdtempSync(join(base, 'run-'))

describePlugin('checkpoints', {
  create: () => checkpoints({ folder: folder(), everySteps: 2, keepBest: { metric: 'val/precisionAt1', mode: 'max', count: 1 }, say: () => undefined }),
  mistakes: {
    'no folder': () => checkpoints({} as never),
    'an unknown option': () => checkpoints({ folder: base, everyStep: 2 } as never),
    'everySteps of 0': () => checkpoints({ folder: base, everySteps: 0 }),
  },
})
