import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { writeExperimentReport } from '../report/experiment-report.js'
import { writeTables } from '../report/write-tables.js'
import { runExperiment } from './run-experiment.js'

const contrastive = { objectives: [{ loss: 'ContrastiveLoss' }] }
const toys = {
  name: 'toys',
  backend: 'native-cpu',
  data: { './toy-data.fixture.ts#toyData': { classes: 8 } },
  trunk: { ConvNet: { width: 2, blocks: 2 } },
  sampler: { MPerClassSampler: { m: 2, batchSize: 4 } },
  methods: { Collapsed: { ...contrastive, trunk: './toy-data.fixture.ts#collapsedTrunk' }, Contrastive: contrastive },
  epochs: 2,
  tensorBoard: false,
}
const checked = (configuration: object) => checkedExperiment(configuration, { who: 'test', folder: fileURLToPath(new URL('..', import.meta.url)) })

function folderFor(): string {
  const folder = mkdtempSync(join(tmpdir(), 'collapsed-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

it.each(['run', 'sweep'] as const)('a method whose embeddings are one point has no result, says why, and keeps nobody else from one: %s', { timeout: 120_000 }, async (kind) => {
  const folder = folderFor()
  const experiment = await checked({ ...toys, ...(kind === 'sweep' && { protocol: { folds: 2 } }) })
  const results = await runExperiment(experiment, { kind, folder, say: () => undefined })
  const of = (method: string) => results.rows.filter((row) => row.method === method)
  expect(of('Collapsed').map(({ view }) => view)).toEqual(kind === 'run' ? ['run'] : ['apart', 'apart', 'joined'])
  for (const { metrics, note } of of('Collapsed')) {
    expect(metrics).toEqual({})
    expect(note).toMatch(/no AMI, NMI, .*precisionAt1, rPrecision: All embeddings are one point/)
  }
  for (const { metrics, note } of of('Contrastive')) expect([metrics['precisionAt1']! > 0, note]).toEqual([true, undefined])
  const tables = await writeTables(folder, results, experiment.configuration)
  expect(tables).toMatch(/\| Collapsed \| – \| – \|/)
  expect(tables).toContain('All embeddings are one point')
  expect(await writeExperimentReport([folder], { output: join(folder, 'report.html'), seed: 0, say: () => undefined })).toContain('report.html')
})

it('of two testers of a split that one counts which has the metric', { timeout: 120_000 }, async () => {
  const few = (include: readonly string[], more: object) => ({ GlobalEmbeddingSpaceTester: { accuracyCalculator: { AccuracyCalculator: { include } }, ...more } })
  const testers = [few(['rPrecision'], { primaryMetric: 'rPrecision' }), few(['precisionAt1'], { name: 'second' })]
  const experiment = await checked({ ...toys, methods: { Contrastive: contrastive }, metric: 'precisionAt1', testers: [...testers, few(['meanReciprocalRank'], { name: 'third', primaryMetric: 'meanReciprocalRank' })] })
  const { rows } = await runExperiment(experiment, { kind: 'run', folder: folderFor(), say: () => undefined })
  expect(Object.keys(rows.at(-1)!.metrics)).toEqual(['precisionAt1'])
})
