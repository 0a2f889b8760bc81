import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMetricLearningError } from '@metric-learning/contracts'
import { MPerClassSampler } from '@metric-learning/samplers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sharp from 'sharp'
import { FLAGS, inFlags } from './advice.js'
import { batchesOf } from './batches.js'
import { loadData } from './data.js'
import { parseCommand } from './options.js'

const base = mkdtempSync(join(tmpdir(), 'quickstart-advice-'))
let picture: Buffer
beforeAll(async () => {
  picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#336699' } }).png().toBuffer()
})
afterAll(() => {
  rmSync(base, { recursive: true })
})

/** A folder with so many images of each class, and further files. */
function folder(name: string, counts: readonly number[], others: Readonly<Record<string, Buffer | string>> = {}): string {
  const root = join(base, name)
  for (const [label, count] of counts.entries()) {
    mkdirSync(join(root, `class-${label}`), { recursive: true })
    for (let i = 0; i < count; i++) writeFileSync(join(root, `class-${label}`, `${i}.png`), picture)
  }
  for (const [file, content] of Object.entries(others)) writeFileSync(join(root, file), content)
  return root
}

/** What the command says of its data and batches: the error, or the lines that it prints. */
async function said(...argv: string[]): Promise<string> {
  const { options } = parseCommand(argv)
  const lines: string[] = []
  try {
    const data = await loadData(options, (line) => lines.push(line))
    const { batchSize } = new MPerClassSampler({ labels: data.train.labels, ...batchesOf(data.train, options) })
    return [...lines, data.description, `batches of ${batchSize}`].join('\n')
  } catch (error) {
    if (!isMetricLearningError(error)) throw error
    return inFlags(error)
  }
}

describe('what errors advise can be done by flags', () => {
  it('of corrupt files, and of defects that are tolerated unless they are not to be', async () => {
    const end = picture.subarray(0, -12)
    const root = folder('corrupt', [4, 4, 4, 4], { 'class-0/bad.png': 'no image', 'class-1/endless.png': end })
    expect(await said('--data', root)).toContain('or pass --on-corrupt skip to leave them out.')
    const skipped = await said('--data', root, '--on-corrupt', 'skip')
    expect(skipped).toContain('Left out 1: class-0/bad.png (Input buffer contains unsupported image format)')
    expect(skipped).toContain('Taken in spite of a defect 1: class-1/endless.png (no end marker)')
    expect(await said('--data', root, '--strict')).toMatch(/got 2 that cannot: .* or leave out --strict to tolerate/)
    expect(await said('--data', root, '--strict', '--on-corrupt', 'skip')).toContain('Left out 2: ')
  })

  it('of too few classes to hold some out', async () => {
    const root = folder('two', [8, 8])
    expect(await said('--data', root)).toMatch(/wanted 4 classes or more, so that each side has 2, got 2 in .*\. Add classes, or pass --split samples: /)
    expect(await said('--data', root, '--split', 'samples')).toContain('trained on 12 images of 2 classes, judged on 4 other images of the same classes')
  })

  it('of classes with fewer images than a batch takes of each', async () => {
    const root = folder('scarce', [2, 4, 4, 4])
    expect(await said('--data', root)).toContain('Lower --samples-per-class, leave these classes out, or pass --allow-repeats to draw some samples twice.')
    expect(await said('--data', root, '--samples-per-class', '2')).toContain('batches of 4')
    expect(await said('--data', root, '--allow-repeats')).toContain('batches of 8')
  })

  it('of batches that cannot be had', async () => {
    const root = folder('batches', [8, 8, 8, 8, 8])
    expect(await said('--data', root)).toContain('batches of 12')
    expect(await said('--data', root, '--batch-size', '64')).toMatch(
      /wanted --batch-size to be a multiple of --samples-per-class 4, from 8 to 12 for 3 classes to train on, got 64\. Pass --batch-size 12, or leave it out\.$/,
    )
    expect(await said('--data', root, '--batch-size', '8')).toContain('batches of 8')
    expect(await said('--data', root, '--batch-size', '10')).toMatch(/Pass --batch-size 8, or leave it out\.$/)
    expect(await said('--data', root, '--samples-per-class', '30')).toContain('at least m = 30 samples of each class')
    expect(await said('--data', root, '--samples-per-class', '30', '--allow-repeats')).toContain('batches of 60')
  })

  it('of a cache that cannot be written', async () => {
    const root = folder('cached', [4, 4, 4, 4], { '.notes': '' })
    expect(await said('--data', root, '--cache', join(root, 'decoded'))).toContain('wanted --cache to be outside of --data')
    expect(await said('--data', root, '--cache', join(root, '.notes'))).toMatch(/Pass another --cache, or none to keep images in memory\.$/)
  })

  it('of every package: each advice that is put into flags is one that is given', () => {
    const root = new URL('../../../', import.meta.url).pathname
    const sources = ['packages', 'plugins'].flatMap((room) => readdirSync(join(root, room)).map((name) => join(root, room, name, 'src')))
    const files = sources.filter(existsSync).flatMap((source) => readdirSync(source, { recursive: true, encoding: 'utf8' }).map((file) => join(source, file)))
    const text = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).map((file) => readFileSync(file, 'utf8')).join('\n').replaceAll('\\`', '`')
    // Checks of ranges are given the name of the option.
    const isGiven = (advice: RegExp) => text.search(advice) !== -1 || text.includes(advice.source.replaceAll('`', "'"))
    expect(FLAGS.filter(([advice]) => !isGiven(advice))).toEqual([])
  })
})
