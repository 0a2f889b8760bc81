import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { rerun } from '../run/rerun.js'
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
  const none = mkdtempSync(join(tmpdir(), 'none-'))
  onTestFinished(() => rmSync(none, { recursive: true }))
  const reportOf = async (...folders: readonly string[]) => readFileSync(await writeExperimentReport(folders, { output: join(none, 'report.html'), seed: 0, say: () => undefined }), 'utf8')
  await expect(reportOf(none)).rejects.toThrow('a folder with saved runs')
  await expect(reportOf(folder, none)).rejects.toThrow('all with experiment.json')
  // Another experiment of the same name is told from it by its folder; the same one counts once.
  const other = join(none, 'other')
  cpSync(folder, other, { recursive: true })
  const both = await reportOf(folder, other, `${folder}/`)
  for (const part of [`Results: toys in ${basename(folder)}`, 'Results: toys in other', 'id="results-toys-in-other-run"', 'toys in other: Zeta']) expect(both).toContain(part)
  // A run that was done again by itself lies beside it, and is no further repeat.
  const again = await rerun(join(folder, 'runs/Zeta/seed-0'), 'test', () => undefined)
  expect(await reportOf(folder)).toContain('<th>Zeta</th>')
  rmSync(again.folder, { recursive: true })
  // Pictures of other data would be of something else.
  const saved = join(folder, 'experiment.json')
  const began = readFileSync(saved, 'utf8')
  writeFileSync(saved, JSON.stringify({ ...(JSON.parse(began) as object), data: 'of others' }))
  await writeExperimentReport([folder], { output: join(none, 'report.html'), seed: 0, say: (line) => lines.push(line) })
  expect(lines).toContain('No gallery: the data have other classes or samples than they had.')
  writeFileSync(saved, began)
  // Of an experiment that has not ended what there is, and why a run has nothing.
  for (const file of ['results.jsonl', 'metrics.json']) rmSync(join(folder, file))
  const broken = join(folder, 'runs/Zeta/seed-0/result.json')
  writeFileSync(broken, JSON.stringify({ ...(JSON.parse(readFileSync(broken, 'utf8')) as object), status: 'broken', metrics: {}, reason: 'Its loss was NaN. So it is.' }))
  const unfinished = await reportOf(folder)
  for (const part of ['<th>untrained trunk</th>', 'Zeta: seed 0 broke: Its loss was NaN.', ' GiB', 'P@1']) expect(unfinished).toContain(part)
  // Of runs alone their own page.
  rmSync(join(folder, 'experiment.json'))
  const runs = await reportOf(folder)
  expect(runs).toContain('Alpha')
  expect(runs).not.toContain('id="results-toys-run"')
})
