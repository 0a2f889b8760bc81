import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { afterAll } from 'vitest'
import { health } from './index.js'

const base = mkdtempSync(join(tmpdir(), 'health-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})

describePlugin('health', {
  create: () => health({ folder: mkdtempSync(join(base, 'run-')) }),
  mistakes: {
    'an unknown option': () => health({ foldr: 'x' } as never),
    'a folder that is no text': () => health({ folder: '' }),
    'a folder of null': () => health({ folder: null as never }),
  },
})
