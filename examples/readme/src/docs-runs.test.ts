import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { documentedBlocks, pagesWithCode, root } from './documented-code.js'

// Inside the package, so that imports resolve; runs leave their folders there.
const folder = mkdtempSync(join(root, 'examples/readme/.snippets-'))
const before = process.cwd()
const pages = pagesWithCode().filter((page) => /^docs\/(first-hour|questions|miners|samplers|distances|reducers|regularizers|metrics|hooks)\/|^docs\/(compiled-steps|coming-from-.*)\.md$/.test(page))
const blocks = documentedBlocks(pages, folder).filter(({ isWhole, isUnrun }) => isWhole && !isUnrun)

/** Less of everything: fewer drawings, smaller batches of them, one epoch. */
const shortened = (code: string): string =>
  code
    .replaceAll("quickDraw({ split: 'train' })", "quickDraw({ split: 'train', samplesPerClass: 4 })")
    .replaceAll("quickDraw({ split: 'test' })", "quickDraw({ split: 'test', samplesPerClass: 3 })")
    .replaceAll(/epochs: \d+/g, 'epochs: 1')
    .replaceAll('width: 16', 'width: 4')

/** Six pictures of each of four kinds, as own-data.md wants them. */
async function drawPhotos(): Promise<void> {
  for (const [kind, background] of Object.entries({ jay: '#27c', robin: '#c42', tit: '#dd3', wren: '#842' })) {
    mkdirSync(`${folder}/photos/${kind}`, { recursive: true })
    for (let i = 1; i <= 6; i++) {
      const { data } = await sharp({ create: { width: 70 + i, height: 80, channels: 3, background } }).png().toBuffer({ resolveWithObject: true })
      writeFileSync(`${folder}/photos/${kind}/${i}.png`, data)
    }
  }
}

beforeAll(async () => {
  await drawPhotos()
  for (const { file, text } of blocks) writeFileSync(file, shortened(text))
  process.chdir(folder)
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
  vi.spyOn(console, 'table').mockImplementation(() => undefined)
})

afterAll(() => {
  vi.restoreAllMocks()
  process.chdir(before)
  rmSync(folder, { recursive: true, force: true })
})

describe('The code of the documentation', () => {
  it('has whole programs', () => {
    expect(blocks.length).toBeGreaterThan(50)
  })

  it.each(blocks.map(({ page, number, file }): [string, number, string] => [page, number, file]))('runs: %s, block %i', async (_page, _number, file) => {
    await expect(import(pathToFileURL(file).href)).resolves.toBeDefined()
  }, 120_000)
})
