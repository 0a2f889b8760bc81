import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { SCHEME_NAMES, type Library, type Metric, type SchemeResult } from './result.js'
import { ResultsFile } from './results-file.js'
import { pageWith, schemesTable } from './schemes-table.js'

const folder = mkdtempSync(join(tmpdir(), 'schemes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const all = (value: number) => ({ precisionAt1: value, meanAveragePrecisionAtR: value, AMI: value }) satisfies Record<Metric, number>
const run = (library: Library, scheme: string, seed: number, trained: number): SchemeResult => ({ library, scheme, seed, untrained: all(0.1), trained: all(trained) })

it('shows mean and range of each side, and marks means that are farther apart than either range', () => {
  const results = [run('ours', 'metricLossOnly', 0, 0.3), run('ours', 'metricLossOnly', 1, 0.32), run('PML', 'metricLossOnly', 0, 0.2), run('PML', 'metricLossOnly', 1, 0.21)]
  const table = schemesTable(results)
  const [title, , untrained, first, second] = table
  expect(title).toBe('|  | seeds | P@1, ours | P@1, PML | MAP@R, ours | MAP@R, PML | AMI, ours | AMI, PML |')
  expect(untrained).toContain('| untrained | 2, 2 | 0.100 (0.100–0.100) | 0.100 (0.100–0.100) |')
  expect(first).toContain('| `metricLossOnly` | 2, 2 | 0.310 (0.300–0.320) | 0.205 (0.200–0.210) * |')
  expect(second).toContain('| `trainWithClassifier` |  | – | – |')
  // Title, rule, untrained, and fine-tuning at its start.
  expect(table).toHaveLength(SCHEME_NAMES.length + 4)
})

it('takes the place of the former table alone', () => {
  const page = '# Schemes\n\n<!-- measured by npm run bench:schemes -->\nold\n<!-- end of what was measured -->\n\nText.\n'
  const renewed = pageWith(page, [run('ours', 'vicReg', 0, 0.3)], 'Machine: m.')
  expect(renewed).toMatch(/^# Schemes\n\n<!--/)
  expect(renewed).toMatch(/Machine: m\.\n\n<!-- end of what was measured -->\n\nText\.\n$/)
  expect(renewed).not.toContain('old')
  expect(pageWith(renewed, [run('ours', 'vicReg', 0, 0.3)], 'Machine: m.')).toBe(renewed)
  expect(() => pageWith('# Schemes\n', [], '')).toThrow('no lines')
})

it('keeps each run as it is done, and the last of those that were run again', () => {
  const file = join(folder, 'results.jsonl')
  const results = new ResultsFile(file)
  expect(results.all()).toEqual([])
  results.add({ ...run('ours', 'vicReg', 0, 0.3), trained: { ...all(0.3), NMI: 0.5 } as never })
  results.add(run('PML', 'vicReg', 0, 0.2))
  results.add(run('ours', 'vicReg', 0, 0.4))
  expect(new ResultsFile(file).all().map(({ library, trained }) => [library, trained])).toEqual([['ours', all(0.4)], ['PML', all(0.2)]])
  expect([results.has({ library: 'ours', scheme: 'vicReg', seed: 0 }), results.has({ library: 'ours', scheme: 'vicReg', seed: 1 })]).toEqual([true, false])
  results.tidy()
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(2)
})
