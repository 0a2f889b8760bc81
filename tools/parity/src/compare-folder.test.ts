import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ownFixtures } from '@metric-learning/golden'
import { compareFolder, type ModuleReport } from './compare-folder.js'
import { everything } from './registry.js'
import { moduleLines, totalLines } from './summary.js'

async function reportsOf(folder: string, classes = everything): Promise<ModuleReport[]> {
  const reports: ModuleReport[] = []
  for await (const report of compareFolder(folder, classes)) reports.push(report)
  return reports
}

/** A folder with some of the project's own files. */
function folderOf(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'))
  for (const file of files) cpSync(join(ownFixtures, file), join(folder, file))
  return folder
}

// What the packages' own tests cannot run: wrappers and samplers with miners of another plugin, and metrics.
describe('cases across packages', () => {
  let reports: ModuleReport[]
  beforeAll(async () => {
    reports = await reportsOf(folderOf('wrappers.json', 'samplers.json', 'accuracy.json'))
  }, 60_000)

  it('fail nowhere', () => {
    expect(reports.flatMap(({ failures }) => failures)).toEqual([])
  })

  it('are all accounted for, fixed quirks apart', () => {
    const { files } = JSON.parse(readFileSync(join(ownFixtures, 'index.json'), 'utf8')) as { files: { module: string; cases: number }[] }
    for (const { module, passed, fixed, skipped } of reports.filter((report) => report.passed > 0)) {
      const left = [...skipped.values()].reduce((sum, count) => sum + count, 0)
      expect([module, passed + fixed + left]).toEqual([module, files.find((file) => file.module === module)!.cases])
      if (module !== 'samplers') expect(fixed).toBeGreaterThan(0)
    }
  })
})

describe('a folder of other fixtures', () => {
  const folder = folderOf('regularizers.json')

  it('fails where a value is off, in one line with the largest deviation', async () => {
    const content = JSON.parse(readFileSync(join(folder, 'regularizers.json'), 'utf8'))
    content.cases[0].expected.value += 1
    writeFileSync(join(folder, 'regularizers.2.json'), JSON.stringify({ ...content, cases: content.cases.slice(0, 1) }))
    const report = (await reportsOf(folder)).find(({ module }) => module === 'regularizers')!
    expect(report.failures).toHaveLength(1)
    expect(report.failures[0]).toMatch(/^regularizers\/\S+: value is [\d.]+, expected [\d.]+: [\d.e+]+ times the tolerance$/)
    expect(totalLines([report])).toEqual(['34 passed, 1 failed, 0 skipped'])
  })

  it('skips what is not built, and says so', async () => {
    const report = (await reportsOf(folder, {})).find(({ module }) => module === 'regularizers')!
    expect(report.passed).toBe(0)
    expect(moduleLines(report).join('\n')).toMatch(/\d+ skipped: there is no LpRegularizer yet/)
  })
})
