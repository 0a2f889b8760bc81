import { DataError, OptionError } from '@metric-learning/contracts'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { sampleEmbeddings, sampleRun, TRIPLET, UNTRAINED, untrainedEmbeddings } from './record/sample-run.fixture.js'
import { renderReport, writeReport, type ReportOptions } from './write-report.js'

const triplet = sampleRun('Triplet', undefined, { embeddings: sampleEmbeddings(), description: 'margin 0.05' })
const arcFace = sampleRun('ArcFace', [UNTRAINED, { ...TRIPLET, precisionAt1: 0.305 }], {
  embeddings: sampleEmbeddings(),
})
const requested: number[] = []
const images = async (row: number) => {
  requested.push(row)
  return sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 10 * row, g: 0, b: 0 } } })
    .png()
    .toBuffer()
}
const full: ReportOptions = {
  title: 'Drawings',
  runs: [triplet, arcFace],
  images,
  configuration: { 'embedding size': 64, normalised: true },
  versions: { Node: '22.0.0' },
  command: 'npm run quickstart',
  date: new Date('2025-01-02T03:04:05Z'),
}
/** Four methods of three seeds each. */
const twelve: ReportOptions = {
  title: 'Twelve',
  runs: Array.from({ length: 12 }, (_, i) => {
    const [method, seed] = [Math.floor(i / 3), i % 3]
    const after = 0.3 + 0.04 * method + 0.01 * (seed - 1)
    return sampleRun(`L${method}, seed ${seed}`, [{ precisionAt1: 0.1 }, { precisionAt1: after }], { method: `L${method}` })
  }),
}
const idsOf = (page: string) => [...page.matchAll(/<section id="(\w+)">/g)].map(([, id]) => id)

describe('renderReport', () => {
  it('refuses embeddings that do not fit their rows, and says whose they are', async () => {
    const cut = { ...triplet, embeddings: { ...sampleEmbeddings(), trained: [1, 2, 3] } }
    await expect(renderReport({ ...full, runs: [cut, arcFace] })).rejects.toThrow(
      expect.objectContaining({ name: 'DataError', message: expect.stringContaining('the record of "Triplet" as `runRecorder` makes it, got `embeddings.trained` has 3 numbers') }),
    )
  })

  it('shows all there is, of all runs', async () => {
    requested.length = 0
    const page = await renderReport(full)
    expect(idsOf(page)).toEqual(['results', 'curves', 'embeddings', 'distances', 'retrieval', 'settings', 'reproduce'])
    for (const label of ['AMI', 'NMI', 'MAP', 'MAP@R', 'MRR', 'P@1', 'R-Precision']) {
      expect(page).toContain(`<b>${label}</b>`)
      expect(page).toContain(`>${label}<span class="about">`)
    }
    expect(page).toContain('<strong>0.353</strong> <span class="gain">+0.242</span>')
    expect(page).not.toContain('<strong>0.305</strong>')
    expect(page.match(/<b>Training loss<\/b>/g)).toHaveLength(2)
    expect(page.match(/class="chart scatter"/g)).toHaveLength(3)
    for (const text of [
      'margin 0.05',
      '<dt>embedding size</dt><dd>64</dd>',
      '<dd>true</dd>',
      '22.0.0',
      'npm run quickstart',
      '2025-01-02 at 03:04 UTC',
    ]) {
      expect(page).toContain(text)
    }
  })

  it('asks for nothing from outside and runs nothing', async () => {
    const page = await renderReport(full)
    expect(page).not.toMatch(/https?:|<script|<link|@import|src=/)
    expect([...page.matchAll(/(?:href|url)[=(]"?([^"#][^"]{0,10})/g)].map(([, start]) => start!.slice(0, 5))).toEqual(
      Array(new Set(requested).size).fill('data:'),
    )
  })

  it('holds each picture once, and each that it refers to', async () => {
    requested.length = 0
    const page = await renderReport(full)
    const defined = [...page.matchAll(/<symbol id="([\w-]+)"/g)].map(([, id]) => id!)
    const used = new Set([...page.matchAll(/<use href="#([\w-]+)"/g)].map(([, id]) => id!))
    expect(new Set(defined).size).toBe(defined.length)
    expect(new Set(defined)).toEqual(used)
    expect(requested).toHaveLength(defined.length)
  })

  it('shows the same queries for all, with more hits after training', async () => {
    const page = await renderReport({ ...full, queries: 2, neighbours: 5 })
    const answers = [...page.matchAll(/<h4>.*? (Untrained|Triplet|ArcFace) <span>(\d) of 5<\/span>/g)].map(
      ([, name, hits]) => [name, Number(hits)],
    )
    expect(answers.map(([name]) => name)).toEqual([
      'Untrained',
      'Triplet',
      'ArcFace',
      'Untrained',
      'Triplet',
      'ArcFace',
    ])
    expect(answers.filter(([name]) => name !== 'Untrained').map(([, hits]) => hits)).toEqual([5, 5, 5, 5])
    expect(page.match(/<li class="hit">.*?✓/g)!.length).toBeGreaterThanOrEqual(20)
    expect(page.match(/<li class="miss">.*?✗/g)!.length).toBeGreaterThan(0)
  })

  it('escapes every text', async () => {
    const bad = '<img/x onerror="1">\'&'
    const run = sampleRun(
      bad,
      [
        { [bad]: 0.1, AMI: 0.1 },
        { [bad]: 0.2, AMI: 0.2 },
      ],
      {
        description: bad,
        status: 'stopped',
        stopReason: bad,
        embeddings: { ...sampleEmbeddings([bad, bad, bad, bad]), split: bad },
      },
    )
    const other = {
      ...run,
      name: `${bad}2`,
      evaluations: run.evaluations.map((evaluation) => ({ ...evaluation, metrics: { [bad]: { AMI: 0.3 } } })),
    }
    const page = await renderReport({
      title: bad,
      runs: [run, other],
      images,
      configuration: { [bad]: bad },
      versions: { [bad]: bad },
      command: bad,
    })
    expect(page).not.toContain('<img')
    expect(page).not.toContain('onerror="')
    expect(page.split('&lt;img/x onerror=').length).toBeGreaterThan(20)
  })

  it('is the same from the same records and seed', async () => {
    expect(await renderReport(full)).toBe(await renderReport(full))
    expect(await renderReport({ ...full, seed: 1 })).not.toBe(await renderReport(full))
  })

  it('says what it is drawing', async () => {
    const heard: [string, number][] = []
    await renderReport({ ...full, onProgress: (what, done) => heard.push([what, done]) })
    expect(heard.filter(([, done]) => done === 1).map(([what]) => what)).toEqual([
      'projection of Untrained',
      'projection of Triplet',
      'projection of ArcFace',
    ])
  })

  it('makes a page of a run that was never evaluated', async () => {
    const run = sampleRun('Run', [], { status: 'stopped', stopReason: 'Ctrl-C' })
    const page = await renderReport({ title: 'Cut short', runs: [run] })
    expect(idsOf(page)).toEqual(['results'])
    expect(page).toContain('No evaluation was finished.')
    expect(page).toContain('Run stopped before the first epoch: Ctrl-C.')
  })

  it('makes a page of a run that was stopped in its first epoch', async () => {
    const run = sampleRun('Run', [UNTRAINED], {
      status: 'stopped',
      stopReason: 'Ctrl-C',
      plannedEpochs: 5,
      epochs: [{ epoch: 1, complete: false, steps: 3, samples: 192, seconds: 1, dataWaitSeconds: 0, meanLoss: 0.5 }],
      losses: [{ step: 2, epoch: 0.2, loss: 0.5 }],
      embeddings: untrainedEmbeddings(),
    })
    const page = await renderReport({ title: 'Cut short', runs: [run], images })
    expect(idsOf(page)).toEqual(['results', 'curves', 'embeddings', 'distances', 'retrieval'])
    expect(page).toContain('No run was evaluated after training.')
    expect(page).toContain('0 of 5')
    expect(page).not.toContain('<strong>')
    expect(page).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('has a table and curves for each split', async () => {
    const both = {
      ...triplet,
      evaluations: triplet.evaluations.map((evaluation) => ({
        ...evaluation,
        metrics: { ...evaluation.metrics, train: { AMI: 0.9 } },
      })),
    }
    const page = await renderReport({ title: 'Two splits', runs: [both] })
    expect([...page.matchAll(/<caption>(\w+)</g)].map(([, name]) => name)).toEqual(['heldOut', 'train'])
    expect(page).toContain('<b>AMI, train</b>')
  })

  it('shows runs of a method as one, in all charts, and each of them in the table', async () => {
    const page = await renderReport(twelve)
    // Four methods: a mark each, in the key and in the table of facts, too.
    const key = /<ul class="key">.*?<\/ul>/s.exec(page)![0]
    expect([...key.matchAll(/<\/svg> ([^<]+)</g)].map(([, name]) => name)).toEqual(['L0, 3 runs', 'L1, 3 runs', 'L2, 3 runs', 'L3, 3 runs'])
    expect(page).toContain('<strong>0.420</strong><span class="deviation">± 0.010</span> <span class="gain">+0.320</span>')
    expect(page.match(/<tr class="single">/g)).toHaveLength(12)
    expect(page).toContain('<title>L3, epoch 1, 3 runs: 0.42 ± 0.01</title>')
    expect(page.match(/<b>Training loss<\/b>/g)).toHaveLength(4)
    expect(page).toContain('mean ± standard deviation')
  })

  it('shows the first run of a method where only one can be shown, under the mark of the method', async () => {
    const [first, second] = [0, 1].map((seed) => sampleRun(`T, seed ${seed}`, undefined, { method: 'T', embeddings: sampleEmbeddings() }))
    const page = await renderReport({ title: 'x', runs: [first!, second!, { ...arcFace, name: 'A' }], images, queries: 1 })
    const shown = [...page.matchAll(/<h4>(?:<svg.*?fill="(.*?)".*?<\/svg>)? ([^<]+) <span>/g)].map(([, colour, name]) => [name, colour])
    expect(shown).toEqual([['Untrained', undefined], ['T, seed 0', 'var(--blue)'], ['A', 'var(--vermillion)']])
    expect(page.match(/class="chart scatter"/g)).toHaveLength(3)
  })

  it('gives each of twelve runs a mark and a line of its own', async () => {
    const page = await renderReport({ title: 'Twelve', runs: twelve.runs.map(({ method: _, ...run }) => run) })
    const key = /<ul class="key">.*?<\/ul>/s.exec(page)![0]
    expect(new Set([...key.matchAll(/<path [^>]*>/g)].map(([mark]) => mark)).size).toBe(12)
    const chart = page.slice(page.indexOf('aria-label="Chart of P@1'), page.indexOf('</figure>'))
    const lines = [...chart.matchAll(/<path [^>]*stroke="(var[^"]+)"[^>]*stroke-width="2"[^>]*>/g)].map(([path]) =>
      [/stroke="(.*?)"/, /stroke-dasharray="(.*?)"/].map((attribute) => attribute.exec(path)?.[1]).join(),
    )
    expect(lines).toHaveLength(12)
    expect(new Set(lines).size).toBe(12)
  })

  it('puts many models below each other, in a table that says where it goes on', async () => {
    const page = await renderReport({ title: 'Twelve', runs: twelve.runs.map(({ method: _, ...run }) => run) })
    const table = /<table>.*?<\/table>/s.exec(page)![0]
    expect([...table.matchAll(/<th scope="col"[^>]*>([^<]+)</g)].map(([, name]) => name)).toEqual(['P@1'])
    expect(table.match(/<th scope="row">/g)).toHaveLength(13)
    expect(page).toMatch(/class="scroll [\w ]+" tabindex="0"/)
    expect(page).toContain('class="more many facts">The table goes on to the right.')
  })

  it('draws what else was logged, and lists what stayed as it was', async () => {
    const reading = (step: number, value: number) => ({ step, epoch: step / 10, value })
    const run = sampleRun('Run', undefined, {
      scalars: { 'rate/trunk': [reading(5, 0.1), reading(10, 0.01)], 'gradients/limit': [reading(5, 3), reading(10, 3)], 'train/loss/objective': [reading(5, 1), reading(10, 2)] },
    })
    const page = await renderReport({ title: 'x', runs: [run] })
    expect(page).toContain('<b>rate/trunk</b>')
    expect(page).toContain('Chart of rate/trunk. Run ends at 0.01.')
    expect(page).toContain('<dt>gradients/limit</dt><dd>3</dd>')
    // The one term of a loss is the loss.
    expect(page).not.toContain('train/loss/objective')
    const two = { ...run, scalars: { ...run.scalars, 'train/loss/other': [reading(5, 1), reading(10, 3)] } }
    expect(await renderReport({ title: 'x', runs: [two] })).toContain('<b>train/loss/objective</b>')
  })

  it('rejects no run, two of one name, unknown options', async () => {
    await expect(renderReport({ title: 'x', runs: [] })).rejects.toThrow(OptionError)
    await expect(renderReport({ title: 'x', runs: [triplet, triplet] })).rejects.toThrow('"Triplet" twice')
    await expect(renderReport({ title: 'x', runs: [triplet], titel: 'y' } as ReportOptions)).rejects.toThrow(
      OptionError,
    )
  })
})

describe('writeReport', () => {
  it('writes the page', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-'))
    const file = join(folder, 'out', 'report.html')
    const options = { title: 'x', runs: [sampleRun('Run')], date: new Date(0) }
    await writeReport(file, options)
    expect(await readFile(file, 'utf8')).toBe(await renderReport(options))
    expect(await readdir(join(folder, 'out'))).toEqual(['report.html'])
    await rm(folder, { recursive: true })
  })

  it('says which file can not be written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'report-'))
    await writeFile(join(folder, 'file'), '')
    const writing = writeReport(join(folder, 'file', 'report.html'), { title: 'x', runs: [sampleRun('Run')] })
    await expect(writing).rejects.toThrow(DataError)
    await expect(writing).rejects.toThrow(`writeReport: wanted to write ${join(folder, 'file', 'report.html')}, got E`)
    await rm(folder, { recursive: true })
  })
})
