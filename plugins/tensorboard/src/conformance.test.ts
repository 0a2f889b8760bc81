import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { afterAll } from 'vitest'
import { tensorBoard } from './tensor-board.js'

const base = mkdtempSync(join(tmpdir(), 'tensorboard-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})

describePlugin('tensorBoard', {
  create: () => tensorBoard({ folder: mkdtempSync(join(base, 'run-')) }),
  mistakes: { 'no folder': () => tensorBoard({} as never), 'no point': () => tensorBoard({ folder: base, maxPoints: 0 }) },
})
