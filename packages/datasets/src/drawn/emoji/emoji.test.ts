import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OptionError } from '@metric-learning/contracts'
import { describeDataset } from '@metric-learning/plugin-testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { smallPackage } from '../small-package.fixture.js'
import { emoji, emojiOf } from './emoji.js'
import { matchEmoji, type IconSet } from './match-emoji.js'

const base = await mkdtemp(join(tmpdir(), 'emoji-'))
afterAll(() => rm(base, { recursive: true }))
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
const box = (fill: string) => ({ body: `<path fill="${fill}" d="M0 0h4v8h-4z"/>` })

const NAMES = [
  { label: 'old star', hexcode: '2B50', order: 3 },
  { label: 'bear', hexcode: '1F43B', order: 1 },
  { label: 'polar bear', hexcode: '1F43B-200D-2744-FE0F', order: 2 },
  { label: 'red heart', hexcode: '2764-FE0F', order: 4 },
  { label: 'pointing right', hexcode: '1F449', order: 5 },
  { label: 'half of a flag', hexcode: '1F1E6' },
]
/** With code points. */
const coded: IconSet = {
  width: 8,
  height: 8,
  icons: { bear: box('#f00'), star: box('#00f'), heart: box('currentColor'), left: box('#0f0'), half: box('#ff0') },
  aliases: { right: { parent: 'left', hFlip: true }, teddy: { parent: 'bear' } },
  chars: { '1f43b': 'bear', '2b50': 'star', '2764-fe0f': 'heart', '1f449': 'right', '1f1e6': 'half' },
}
/** Without. */
const named: IconSet = {
  width: 4,
  height: 8,
  icons: { Teddy: box('#f00'), oldstar: box('#00f'), love: box('#f00'), either: box('#000') },
  chars: {},
}
const SHORTCODES = [{ '2764': 'love', '1F449': 'either', '2B50': ['either', 'star2'] }]

describe('matchEmoji', () => {
  it('takes drawings by code point, or by name: of other sets, of Unicode, or a shortcode', () => {
    expect(matchEmoji([coded, named], NAMES, SHORTCODES, 1)).toEqual([
      { label: 'bear', icons: ['bear', 'Teddy'] },
      { label: 'old star', icons: ['star', 'oldstar'] },
      { label: 'red heart', icons: ['heart', 'love'] },
      { label: 'pointing right', icons: ['right', null] },
    ])
    expect(matchEmoji([coded, named], NAMES, SHORTCODES, 2).map(({ label }) => label)).toEqual(['bear', 'old star', 'red heart'])
  })

  it('drops two drawings that claim one emoji by names of one kind, and takes the one of the better kind', () => {
    const twice = { ...named, icons: { 'old-star': box('#00f'), OldStar: box('#0ff') } }
    expect(matchEmoji([coded, twice], NAMES, SHORTCODES, 1)[1]!.icons).toEqual(['star', null])
    const better = { ...named, icons: { star2: box('#00f'), 'old-star': box('#0ff') } }
    expect(matchEmoji([coded, better], NAMES, SHORTCODES, 1)[1]!.icons).toEqual(['star', 'old-star'])
  })
})

describe('emoji', { timeout: 120_000 }, async () => {
  const vendorOf = async (vendor: string, { chars, ...icons }: IconSet) => ({
    vendor,
    source: await smallPackage(base, vendor, { 'icons.json': json(icons), 'chars.json': json(chars) }),
  })
  const vendors = [await vendorOf('coded', coded), await vendorOf('named', named)]
  const names = await smallPackage(base, 'names', { 'en/data.json': json(NAMES), 'en/shortcodes/a.json': json(SHORTCODES[0]) })
  const split = (name: 'train' | 'test') => emojiOf(vendors, names, 1, { split: name, cache: join(base, 'cache'), imageSize: 8 })

  for (const name of ['train', 'test'] as const) describeDataset(`emoji, ${name}`, { create: () => split(name), mistakes: { 'an unknown split': () => emoji({ split: 'val' as 'train' }) } })

  it('draws on white, mirrors where an alias says so, and keeps what is wider than high whole', async () => {
    const [train, test] = [await split('train'), await split('test')]
    expect([train.classNames, test.classNames]).toEqual([['bear', 'old star'], ['red heart', 'pointing right']])
    expect([[...train.labels], [...test.labels]]).toEqual([[0, 0, 1, 1], [0, 0, 1]])
    expect([...(test.columns!['vendor'] as { labels: Int32Array }).labels]).toEqual([0, 1, 0])
    expect(test.normalization).toEqual(train.normalization)
    const pixel = async (dataset: typeof train, row: number, x: number) => [...(await dataset.load(Int32Array.of(row))).values.subarray((4 * 8 + x) * 3, (4 * 8 + x) * 3 + 3)]
    expect([await pixel(train, 0, 1), await pixel(train, 0, 6)]).toEqual([[255, 0, 0], [255, 255, 255]])
    expect([await pixel(train, 1, 1), await pixel(train, 1, 3)]).toEqual([[255, 255, 255], [255, 0, 0]])
    expect(await pixel(test, 0, 1)).toEqual([0, 0, 0])
    expect([await pixel(test, 2, 1), await pixel(test, 2, 6)]).toEqual([[255, 255, 255], [0, 255, 0]])
  })

  it('rejects options that it does not have', async () => {
    await expect(emoji({ split: 'val' as 'train' })).rejects.toThrow(OptionError)
    await expect(emoji({ split: 'test', vendors: 3 } as { split: 'test' })).rejects.toThrow('got `vendors`')
  })
})
