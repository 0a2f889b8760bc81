import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { runExperiment } from '../run/run-experiment.js'
import { writeExperimentReport } from './experiment-report.js'

it('shows tables, plots of intervals, curves, and a gallery of what an experiment judged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const configuration = {
    name: 'toys',
    backend: 'native-cpu',
    data: { './toy-data.fixture.ts#toyData': { classes: 8 } },
    trunk: { ConvNet: { width: 2, blocks: 2 } },
    sampler: { MPerClassSampler: { m: 2, batchSize: 8 } },
    methods: { Zeta: { objectives: [{ loss: 'TripletMarginLoss' }] }, Alpha: { objectives: [{ loss: 'ContrastiveLoss' }] } },
    epochs: 1,
    tensorBoard: false,
  }
  const experiment = await checkedExperiment(configuration, { who: 'test', folder: fileURLToPath(new URL('..', import.meta.url)) })
  await runExperiment(experiment, { kind: 'run', folder, say: () => undefined })
  const lines: string[] = []
  const page = readFileSync(await writeExperimentReport([folder], { output: join(folder, 'report.html'), seed: 0, say: (line) => lines.push(line) }), 'utf8')
  expect(lines).toEqual(['Reading toyData …', 'Drawing the report …'].map((line, i) => (i === 0 ? (expect.stringContaining('Reading') as string) : line)))
  expect(page).toContain('No method is better than all others beyond chance')
  for (const part of ['id="results-toys-run"', '<th>untrained trunk</th>', 'Means and intervals of P@1', 'id="curves"', 'id="retrieval"', '\\toprule']) expect(page).toContain(part)
  // In the order of the configuration.
  expect(page.indexOf('<th>Zeta</th>')).toBeLessThan(page.indexOf('<th>Alpha</th>'))
  await expect(writeExperimentReport([tmpdir()], { output: join(folder, 'none.html'), seed: 0, say: () => undefined })).rejects.toThrow('with experiment.json')
})
