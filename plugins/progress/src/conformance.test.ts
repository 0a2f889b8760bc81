import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describePlugin } from '@metric-learning/plugin-testkit'
import { afterAll } from 'vitest'
import { csvFile, jsonLines, progressLine } from './index.js'

const base = mkdtempSync(join(tmpdir(), 'progress-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})
const file = () => join(mkdtempSync(join(base, 'run-')), 'log')

describePlugin('jsonLines', { create: () => jsonLines({ file: file() }), mistakes: { 'no file': () => jsonLines({} as never) } })
describePlugin('csvFile', { create: () => csvFile({ file: file() }), mistakes: { 'no file': () => csvFile({ file: '' }) } })
describePlugin('progressLine on a terminal', {
  create: () => progressLine({ stream: { isTTY: true, columns: 60, write: () => true } }),
  mistakes: { 'an unknown option': () => progressLine({ lable: 'x' } as never) },
})
describePlugin('progressLine in a file', { create: () => progressLine({ stream: { write: () => true } }) })
