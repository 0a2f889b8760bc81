import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DataError, OptionError } from '@metric-learning/contracts'
import sharp, { type Sharp } from 'sharp'
import { afterAll, describe, expect, it } from 'vitest'
import type { ReadingProgress } from '../decoding/decode-all.js'
import { imageFolder } from './image-folder.js'
import { tiff } from './tiff.fixture.js'

const base = await mkdtemp(join(tmpdir(), 'image-folder-'))
afterAll(() => rm(base, { recursive: true }))

/** A plain rectangle of one colour. */
const plain = (background: string, width = 8, height = 8) => sharp({ create: { width, height, channels: 4, background } })

/** Makes a folder of these files. */
async function folder(name: string, files: Record<string, Sharp | Uint8Array | string>): Promise<string> {
  const root = join(base, name)
  await mkdir(root, { recursive: true })
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(root, dirname(file)), { recursive: true })
    if (typeof content === 'string' || content instanceof Uint8Array) await writeFile(join(root, file), content)
    else await content.toFile(join(root, file))
  }
  return root
}

const pixelsOf = async (root: string, row: number, options = {}) => {
  const { values } = await (await imageFolder({ root, imageSize: 1, ...options })).load(Int32Array.of(row))
  return [...values]
}

describe('imageFolder', () => {
  it('takes a folder for a class, sorted by code unit, and any format', async () => {
    const root = await folder('formats', {
      'ant/b.webp': plain('#0000ff').webp({ lossless: true }),
      'ant/a.png': plain('#ff0000').png(),
      'ant/B.tiff': plain('#00ff00').removeAlpha().tiff({ compression: 'lzw' }),
      'Zebra/no-suffix': await plain('#102030').png().toBuffer(),
      'Zebra/.hidden': 'not looked at',
      'Zebra/Thumbs.db': 'not looked at',
    })
    const set = await imageFolder({ root, imageSize: 2 })
    expect(set.classNames).toEqual(['Zebra', 'ant'])
    expect(set.files).toEqual(['Zebra/no-suffix', 'ant/B.tiff', 'ant/a.png', 'ant/b.webp'])
    expect([...set.labels]).toEqual([0, 1, 1, 1])
    expect(set.skipped).toEqual([])
    const { values, shape } = await set.load(Int32Array.of(0, 1))
    expect(shape).toEqual([2, 2, 2, 3])
    expect([...values.slice(0, 3), ...values.slice(12, 15)]).toEqual([0x10, 0x20, 0x30, 0, 255, 0])
  })

  it('brings grey, transparent, 16-bit and CMYK images to the same channels', async () => {
    const root = await folder('colours', {
      'a/1-grey.png': plain('#808080').greyscale().removeAlpha().png(),
      'a/2-clear.png': plain('rgba(0, 0, 0, 0)').png(),
      'b/1-deep.png': plain('#ff0000').toColourspace('rgb16').png(),
      'b/2-print.jpg': plain('#ffffff').removeAlpha().toColourspace('cmyk').jpeg({ quality: 100 }),
    })
    expect(await pixelsOf(root, 0)).toEqual([128, 128, 128])
    expect(await pixelsOf(root, 1)).toEqual([255, 255, 255])
    expect(await pixelsOf(root, 2)).toEqual([255, 0, 0])
    expect(Math.min(...(await pixelsOf(root, 3)))).toBeGreaterThan(250)
    expect(await pixelsOf(root, 0, { channels: 1 })).toEqual([128])
    expect(await pixelsOf(root, 1, { channels: 1 })).toEqual([255])
  })

  it('crops the centre, or squeezes the whole picture, and turns it upright', async () => {
    // Three squares side by side: red, green, blue.
    const squares = await plain('#00ff00', 24)
      .composite([
        { input: await plain('#ff0000').png().toBuffer(), left: 0, top: 0 },
        { input: await plain('#0000ff').png().toBuffer(), left: 16, top: 0 },
      ])
      .png()
      .toBuffer()
    const root = await folder('crop', {
      'a/1.png': squares,
      'b/1.jpg': sharp(squares).removeAlpha().withMetadata({ orientation: 6 }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }),
    })
    const [red, green, blue] = await pixelsOf(root, 0, { imageSize: 1 })
    expect([red! < 30, green! > 220, blue! < 30]).toEqual([true, true, true])
    const squeezed = await pixelsOf(root, 0, { imageSize: 3, crop: 'none' })
    expect([squeezed[0]! > 200, squeezed[4]! > 200, squeezed[8]! > 200]).toEqual([true, true, true])
    // Turned by 90° clockwise, red is on top.
    const upright = await pixelsOf(root, 1, { imageSize: 3, crop: 'none' })
    expect([upright[0]! > 200, upright[3]! > 200, upright[6]! > 200, upright[2]! < 60]).toEqual([true, true, true, true])
  })

  it('turns colours to grey as Pillow and torchvision do', async () => {
    const colours = { 'a/1-red.png': '#ff0000', 'a/2-green.png': '#00ff00', 'a/3-blue.png': '#0000ff', 'b/1-rust.png': '#b7410e', 'b/2-grey.png': '#7b7b7b' }
    const root = await folder('grey', Object.fromEntries(Object.entries(colours).map(([file, colour]) => [file, plain(colour).png()])))
    const set = await imageFolder({ root, imageSize: 1, channels: 1 })
    // Image.open(…).convert('L') of Pillow 11.
    expect([...(await set.load(Int32Array.of(0, 1, 2, 3, 4))).values]).toEqual([76, 150, 29, 94, 123])
  })

  it('takes CIELAB, and file names that libvips would read options from', async () => {
    const root = await folder('lab', {
      // L = 53.24, a = 80, b = 67: pure red.
      'a/1-lab.tif': tiff({ samples: Uint8Array.of(136, 80, 67), channels: 3, photometric: 8 }),
      'a/2[1].png': plain('#102030').png(),
      'b/x.png[2]': await plain('#405060').png().toBuffer(),
      'b/ü–日本-😀 %20#?.png': plain('#708090').png(),
    })
    const [red, green, blue] = await pixelsOf(root, 0)
    expect([red! > 250, green! < 5, blue! < 5]).toEqual([true, true, true])
    expect(await pixelsOf(root, 1)).toEqual([0x10, 0x20, 0x30])
    expect(await pixelsOf(root, 2)).toEqual([0x40, 0x50, 0x60])
    expect(await pixelsOf(root, 3)).toEqual([0x70, 0x80, 0x90])
  })

  it('passes over what systems leave behind', async () => {
    const root = await folder('clutter', {
      'cat/1.png': plain('#ff0000').png(),
      'dog/1.png': plain('#ff0000').png(),
      '.DS_Store': 'x', 'cat/.DS_Store': 'x', 'cat/._1.png': 'x', 'cat/Thumbs.db': 'x', 'cat/DESKTOP.INI': 'x', 'cat/~$1.png': 'x',
      '__MACOSX/cat/._1.png': 'x', '@eaDir/cat/x': 'x', 'cat/@eaDir/1.png': 'x', '$RECYCLE.BIN/S-1/x': 'x', 'lost+found/.keep': '',
      '.ipynb_checkpoints/1.png': 'x', 'System Volume Information/x': 'x', '__pycache__/x': 'x',
    })
    const set = await imageFolder({ root, imageSize: 1 })
    expect([set.classNames, set.files, set.skipped]).toEqual([['cat', 'dog'], ['cat/1.png', 'dog/1.png'], []])
  })

  it('follows links to classes and to images', async () => {
    const root = await folder('links', { 'cat/1.png': plain('#ff0000').png() })
    await symlink('cat', join(root, 'dog'))
    await symlink('1.png', join(root, 'cat/2.png'))
    const set = await imageFolder({ root, imageSize: 1 })
    expect(set.files).toEqual(['cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/2.png'])
  })

  it('reports progress, and normalises by all samples', async () => {
    const root = await folder('progress', { 'a/1.png': plain('#000000').png(), 'b/1.png': plain('#ffffff').png() })
    const seen: ReadingProgress[] = []
    const set = await imageFolder({ root, imageSize: 2, channels: 1, onProgress: (progress) => seen.push(progress) })
    const both = (step: ReadingProgress['step']) => [{ step, done: 1, total: 2 }, { step, done: 2, total: 2 }]
    expect(seen.splice(0)).toEqual(both('decoding'))
    const cache = join(root, '..', 'progress-cache')
    for (const steps of [['identifying', 'decoding'], []] as const) {
      // Known to the system for two seconds, since else files are read again.
      await new Promise((done) => setTimeout(done, steps.length > 0 ? 2100 : 0))
      await imageFolder({ root, cache, imageSize: 2, onProgress: (progress) => seen.push(progress) })
      expect(seen.splice(0)).toEqual(steps.flatMap(both))
    }
    expect(set.normalization).toEqual({ mean: [0.5], std: [0.5] })
    expect(set.ofClasses('a', [0]).normalization).toEqual({ mean: [0], std: [1] })
  })
})

describe('imageFolder with bad files', () => {
  const good = () => plain('#336699', 64, 64).jpeg()

  it('names the files that cannot be decoded, or leaves them out and lists them', async () => {
    const jpeg = await good().toBuffer()
    const root = await folder('corrupt', {
      'a/1.jpg': good(),
      'a/2-cut.jpg': jpeg.subarray(0, jpeg.length / 2),
      'b/1-text.png': 'this is no image',
      'b/2.jpg': good(),
      'b/deeper/3.jpg': good(),
      'loose.jpg': good(),
    })
    const loading = imageFolder({ root, imageSize: 4 })
    await expect(loading).rejects.toThrow(DataError)
    await expect(loading).rejects.toThrow(/got 2 that cannot: a\/2-cut\.jpg \(.+\), b\/1-text\.png \(.*unsupported image format\)/)
    const set = await imageFolder({ root, imageSize: 4, onCorrupt: 'skip' })
    expect(set.files).toEqual(['a/1.jpg', 'b/2.jpg'])
    expect([...set.labels]).toEqual([0, 1])
    expect(set.skipped.map(({ file }) => file)).toEqual(['loose.jpg', 'b/deeper', 'a/2-cut.jpg', 'b/1-text.png'])
    expect(set.skipped.every(({ reason }) => reason.length > 5)).toBe(true)
    expect((await set.load(Int32Array.of(1))).values[0]).toBeCloseTo(0x33, -1)
  })

  const jpeg = (progressive = false) => plain('#336699', 64, 64).composite([{ input: Buffer.from('<svg><text y="40" font-size="50">ß</text></svg>') }]).removeAlpha().jpeg({ progressive }).toBuffer()
  const segment = (marker: number, content: Buffer) => {
    const head = Buffer.from([0xff, marker, 0, 0])
    head.writeUInt16BE(content.length + 2, 2)
    return Buffer.concat([head, content])
  }
  const inserted = (file: Buffer, at: number, bytes: Uint8Array) => Buffer.concat([file.subarray(0, at), bytes, file.subarray(at)])

  it('tolerates what leaves the picture whole and lists it, or refuses it when it is strict', async () => {
    const [whole, progressive] = [await jpeg(), await jpeg(true)]
    const scanParameters = whole.indexOf(Buffer.from([0, 63, 0]), whole.indexOf(Buffer.from([0xff, 0xda])))
    const profile = segment(0xe2, Buffer.from(`ICC_PROFILE\0\x01\x01${'garbage profile'.repeat(10)}`, 'latin1'))
    const files = {
      'a/0.jpg': whole,
      'a/1-stray.jpg': inserted(whole, whole.indexOf(Buffer.from([0xff, 0xdb])), Buffer.alloc(4)),
      'a/2-endless.jpg': progressive.subarray(0, -2),
      'a/3-profile.jpg': inserted(whole, 2, profile),
      'a/4-scan.jpg': Buffer.concat([whole.subarray(0, scanParameters), Buffer.alloc(3), whole.subarray(scanParameters + 3)]),
      'a/5-zeros.jpg': Buffer.concat([whole.subarray(0, -2), Buffer.alloc(100)]),
      'a/6-tags.tif': tiff({ samples: Uint8Array.of(9, 255), channels: 2 }),
      'b/0.jpg': progressive,
      'b/1-trailing.jpg': Buffer.concat([whole, Buffer.alloc(100)]),
      'b/2-endless.png': (await plain('#336699', 64, 64).png().toBuffer()).subarray(0, -12),
    }
    const root = await folder('benign', files)
    const set = await imageFolder({ root, imageSize: 16 })
    expect(set.skipped).toEqual([])
    expect(set.tolerated).toEqual([
      { file: 'a/1-stray.jpg', defect: '4 stray bytes before a marker' },
      { file: 'a/2-endless.jpg', defect: 'no end marker' },
      { file: 'a/3-profile.jpg', defect: 'a broken colour profile, which is passed over' },
      { file: 'a/4-scan.jpg', defect: 'scan parameters of a progressive picture' },
      { file: 'a/5-zeros.jpg', defect: 'no end marker' },
      { file: 'a/6-tags.tif', defect: 'TIFF tags that do not agree' },
      { file: 'b/2-endless.png', defect: 'no end marker' },
    ])
    const { values } = await set.load(Int32Array.of(0, 1, 3, 4, 5, 8, 2, 7))
    const size = 16 * 16 * 3
    const picture = (i: number) => values.slice(i * size, (i + 1) * size)
    for (const i of [1, 2, 3, 4, 5]) expect(picture(i)).toEqual(picture(0))
    expect(picture(6)).toEqual(picture(7))

    const strict = { root, imageSize: 16, strict: true }
    await expect(imageFolder(strict)).rejects.toThrow(/got 7 that cannot: a\/1-stray\.jpg \(4 stray bytes before a marker\).*leave out `strict`/)
    const left = await imageFolder({ ...strict, onCorrupt: 'skip' })
    expect([left.files, left.tolerated]).toEqual([['a/0.jpg', 'b/0.jpg', 'b/1-trailing.jpg'], []])
    expect(left.skipped).toHaveLength(7)
  })

  it('does not take a cut picture for a benign defect, however small it is decoded', async () => {
    const [whole, progressive] = [await jpeg(), await jpeg(true)]
    const header = whole.indexOf(Buffer.from([0xff, 0xda])) + 40
    const cuts = Array.from({ length: 12 }, (_, i) => Math.round(header + ((whole.length - 6 - header) * i) / 11))
    const scans: number[] = []
    for (let at = progressive.indexOf(Buffer.from([0xff, 0xda])); at !== -1; at = progressive.indexOf(Buffer.from([0xff, 0xda]), at + 2)) scans.push(at)
    expect(scans.length).toBeGreaterThan(5)
    const root = await folder('cut', {
      'a/0.jpg': good(), 'b/0.jpg': good(),
      'a/header.jpg': whole.subarray(0, 30),
      'a/half-zeros.jpg': Buffer.concat([whole.subarray(0, whole.length / 2), Buffer.alloc(whole.length)]),
      'a/half-ended.jpg': Buffer.concat([whole.subarray(0, whole.length / 2), Buffer.from([0xff, 0xd9])]),
      ...Object.fromEntries(cuts.map((cut) => [`a/cut-${cut}.jpg`, whole.subarray(0, cut)])),
      // Whole scans, the finer ones missing, and cuts within one.
      ...Object.fromEntries(scans.slice(1).map((cut) => [`a/scans-${cut}.jpg`, progressive.subarray(0, cut)])),
      ...Object.fromEntries(scans.map((cut) => [`a/scan-${cut}.jpg`, progressive.subarray(0, cut + 30)])),
    })
    for (const imageSize of [16, 4]) {
      const { files, tolerated } = await imageFolder({ root, imageSize, onCorrupt: 'skip' })
      // libvips does not see a cut within the last eight rows that it decodes.
      expect([files.filter((file) => file !== 'a/half-ended.jpg' || imageSize > 8), tolerated]).toEqual([['a/0.jpg', 'b/0.jpg'], []])
    }
  })

  it('gives each corrupt file its own reason, with another load under way', async () => {
    const half = (file: Buffer) => file.subarray(0, file.length / 2)
    const image = () => plain('#336699', 200, 200)
    const kinds = {
      jpg: { file: half(await image().removeAlpha().jpeg().toBuffer()), reason: /VipsJpeg|JPEG/ },
      png: { file: half(await image().png({ compressionLevel: 0 }).toBuffer()), reason: /png/ },
      webp: { file: half(await image().webp({ lossless: true }).toBuffer()), reason: /webp/ },
      gif: { file: half(await image().gif().toBuffer()), reason: /gif/ },
      txt: { file: Buffer.from('<html>404</html>'), reason: /unsupported image format/ },
      zero: { file: Buffer.alloc(0), reason: /empty/i },
    }
    const files = Object.entries(kinds).flatMap(([kind, { file }]) => Array.from({ length: 6 }, (_, i) => [`a/${i}.${kind}`, file] as const))
    const root = await folder('reasons', { ...Object.fromEntries(files), 'a/ok.png': image().png(), 'b/ok.png': image().png() })
    const loads = await Promise.all([16, 8].map((imageSize) => imageFolder({ root, imageSize, onCorrupt: 'skip' })))
    const skipped = loads.flatMap((set) => set.skipped)
    expect(skipped).toHaveLength(2 * files.length)
    for (const { file, reason } of skipped) expect(`${file}: ${reason}`).toMatch(kinds[file.split('.')[1] as keyof typeof kinds].reason)
  })

  it('refuses by name what has no known range or colours, and what is no file', async () => {
    const root = await folder('odd', { 'a/0.png': plain('#ffffff').png(), 'b/0.png': plain('#ffffff').png() })
    const odd = {
      'a/double-link.png': 'a link that leads to itself',
      'a/float.tif': 'tiff with samples of type float, whose range is not known; save it with 8 or 16 bits a channel',
      'a/lost-link.png': 'a link that leads nowhere',
      'a/signed.tif': 'tiff with samples of type short, whose range is not known; save it with 8 or 16 bits a channel',
      'b/\ufffd.png': 'a name that is not in UTF-8',
      'a/wide.tif': 'tiff with samples of type uint, whose range is not known; save it with 8 or 16 bits a channel',
    }
    await writeFile(join(root, 'a/float.tif'), tiff({ samples: Float32Array.of(0, 1) }))
    await writeFile(join(root, 'a/signed.tif'), tiff({ samples: Int16Array.of(-5, 5) }))
    await writeFile(join(root, 'a/wide.tif'), tiff({ samples: Uint32Array.of(0, 7) }))
    await symlink('double-link.png', join(root, 'a/double-link.png'))
    await symlink('nowhere.png', join(root, 'a/lost-link.png'))
    execFileSync('mkfifo', [join(root, 'a/pipe.png')])
    await writeFile(Buffer.concat([Buffer.from(join(root, 'b/')), Buffer.from([0xe9]), Buffer.from('.png')]), 'named in ISO 8859-1')
    const { files, skipped } = await imageFolder({ root, imageSize: 1, onCorrupt: 'skip' })
    expect(files).toEqual(['a/0.png', 'b/0.png'])
    expect(Object.fromEntries(skipped.map(({ file, reason }) => [file, reason]))).toEqual({ 'a/pipe.png': 'neither a file nor a folder', ...odd })
  })

  it('says of a file, and of a link, that went away during the load that it vanished', async () => {
    const images = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`b/${10 + i}.png`, plain('#ffffff').png()]))
    const root = await folder('vanishing', { 'a/0.png': plain('#ffffff').png(), ...images })
    await symlink('10.png', join(root, 'b/30.png'))
    const onProgress = ({ done }: { done: number }) => {
      if (done === 1) for (const name of ['29', '30']) rmSync(join(root, `b/${name}.png`))
    }
    const { skipped } = await imageFolder({ root, imageSize: 1, onCorrupt: 'skip', onProgress })
    const reason = 'a file that vanished while the folder was loaded'
    expect(skipped).toEqual([{ file: 'b/29.png', reason }, { file: 'b/30.png', reason }])
  })

  it('leaves out a class of which nothing can be read, and lists it', async () => {
    const root = await folder('emptied', { 'a/1.jpg': good(), 'b/1.jpg': 'no', 'c/1.jpg': good(), 'd/deeper/1.jpg': good() })
    const set = await imageFolder({ root, imageSize: 4, onCorrupt: 'skip' })
    expect([set.classNames, [...set.labels], set.files]).toEqual([['a', 'c'], [0, 1], ['a/1.jpg', 'c/1.jpg']])
    expect(set.skipped.map(({ file }) => file)).toEqual(['d/deeper', 'b', 'd', 'b/1.jpg'])
    await expect(imageFolder({ root, imageSize: 4 })).rejects.toThrow(/none that can be read in "d"\. .*`onCorrupt: 'skip'`/)
  })

  it.each([
    ['a missing folder', {}, 'nothing there'],
    ['an empty folder', { '.keep': '' }, 'an empty folder'],
    ['images without class folders', { 'x.txt': '' }, '1 file outside any'],
    ['a folder with one class', { 'cat/1.txt': '' }, 'only "cat"'],
    ['a class without images', { 'cat/1.txt': '', 'dog/.keep': '' }, 'none that can be read in "dog"'],
  ])('rejects %s', async (name, files, got) => {
    const root = Object.keys(files).length ? await folder(name, files) : join(base, 'missing')
    const loading = imageFolder({ root, imageSize: 4 })
    await expect(loading).rejects.toThrow(DataError)
    await expect(loading).rejects.toThrow(`got ${got}. `)
  })

  it('does not take a class for two whose name is written in two ways', async () => {
    const root = await folder('umlauts', { 'K\u00e4se/1.png': plain('#ffffff').png(), 'Ka\u0308se/2.png': plain('#ffffff').png(), 'Brot/1.png': plain('#000000').png() })
    await expect(imageFolder({ root, imageSize: 2 })).rejects.toThrow(/class folders in .* whose names look different, got "K.{3,4}" twice: in code points 4b 61 308 73 65 and 4b e4 73 65\. Put the images of both into one folder\./u)
  })

  it('rejects a folder of which one class is left, and a root that is a file', async () => {
    const root = await folder('left', { 'a/1.jpg': good(), 'b/1.jpg': 'no' })
    await expect(imageFolder({ root, imageSize: 4, onCorrupt: 'skip' })).rejects.toThrow('wanted two class folders or more')
    await expect(imageFolder({ root: join(root, 'b/1.jpg'), imageSize: 4 })).rejects.toThrow('got a file. ')
  })

  it('rejects options out of range', async () => {
    await expect(imageFolder({ root: base, imageSize: 0 })).rejects.toThrow(OptionError)
    await expect(imageFolder({ root: '', imageSize: 8 })).rejects.toThrow(OptionError)
    await expect(imageFolder({ root: base, imageSize: 8, channels: 2 as 3 })).rejects.toThrow(
      'imageFolder: wanted `channels` to be 1 or 3, got 2. Pass one of them.',
    )
  })
})
