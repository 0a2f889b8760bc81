import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeRecords } from '../records/tf-record.js'
import { EventFileWriter } from './event-file-writer.js'
import { decodeEvent } from './event-proto.js'
import { readEventFile } from './read-event-file.js'

/** 4 x 2 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAGUlEQVR4nGP4z8DA8J+BgeH/////mRiQAABryAX9SqklXwAAAABJRU5ErkJggg==',
  'base64',
)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-'))
})
afterEach(() => rm(folder, { recursive: true }))

const events = async (file: string) => [...decodeRecords(await readFile(file))].map(decodeEvent)

describe('EventFileWriter', () => {
  it('begins with the version of the format, in a file that TensorBoard finds', async () => {
    const writer = await EventFileWriter.open(join(folder, 'deep/run'))
    expect(basename(writer.file)).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d+\.0$/)
    const [first, ...others] = await events(writer.file)
    expect(first).toMatchObject({ fileVersion: 'brain.Event:2' })
    expect(first!.wallTime).toBeGreaterThan(1.7e9)
    expect(others).toEqual([])
    await writer.close()
  })

  it('never shares a file', async () => {
    const writers = await Promise.all(Array.from({ length: 3 }, () => EventFileWriter.open(folder)))
    writers.forEach((writer, i) => {
      writer.scalar('which', i, 0)
    })
    await Promise.all(writers.map((writer) => writer.close()))
    expect(await readdir(folder)).toHaveLength(3)
    for (const [i, writer] of writers.entries()) {
      expect(await readEventFile(writer.file)).toMatchObject([{ tag: 'which', value: i }])
    }
  })

  it('writes every kind of entry, as readEventFile reads it', async () => {
    const writer = await EventFileWriter.open(folder)
    writer.scalar('train/loss', 0.1, 1, 1000.25)
    writer.scalar('train/loss', 0, 0, 1000.5)
    writer.scalar('train/loss', NaN, 2 ** 40, 1001)
    writer.image('picture', { png: PNG, width: 4, height: 2 }, 3, 1002)
    writer.histogram('norms', [0, 30], 4, 1003)
    writer.text('notes', '**bold** – ü', 5, 1004)
    await writer.close()
    const entries = await readEventFile(writer.file)
    expect(entries).toEqual([
      { kind: 'scalar', tag: 'train/loss', value: Math.fround(0.1), step: 1, wallTime: 1000.25 },
      { kind: 'scalar', tag: 'train/loss', value: 0, step: 0, wallTime: 1000.5 },
      { kind: 'scalar', tag: 'train/loss', value: NaN, step: 2 ** 40, wallTime: 1001 },
      { kind: 'image', tag: 'picture', png: PNG, width: 4, height: 2, step: 3, wallTime: 1002 },
      {
        kind: 'histogram',
        tag: 'norms',
        histogram: expect.objectContaining({ min: 0, max: 30, num: 2, sum: 30 }),
        step: 4,
        wallTime: 1003,
      },
      { kind: 'text', tag: 'notes', text: '**bold** – ü', step: 5, wallTime: 1004 },
    ])
  })

  it('names the page of each value', async () => {
    const writer = await EventFileWriter.open(folder)
    writer.scalar('a', 1, 0)
    writer.image('b', { png: PNG, width: 4, height: 2 }, 0)
    writer.histogram('c', [1], 0)
    writer.text('d', 'x', 0)
    await writer.close()
    const values = (await events(writer.file)).flatMap(({ summary }) => summary?.value ?? [])
    expect(values.map(({ metadata }) => [metadata!.pluginData.pluginName, metadata!.dataClass])).toEqual([
      ['scalars', 1],
      ['images', 3],
      ['histograms', 2],
      ['text', 2],
    ])
  })

  it('marks from which step on earlier files are obsolete', async () => {
    const writer = await EventFileWriter.open(folder, { purgeStep: 7 })
    await writer.close()
    expect((await events(writer.file))[1]).toMatchObject({ step: 7, sessionLog: { status: 1 } })
  })

  it('has every entry in the file after flush', async () => {
    const writer = await EventFileWriter.open(folder)
    for (let step = 0; step < 5000; step++) writer.scalar('a', step, step)
    await writer.flush()
    expect((await readEventFile(writer.file)).map(({ step }) => step)).toEqual(Array.from({ length: 5000 }, (_, i) => i))
    await writer.close()
    await writer.close()
    expect(() => {
      writer.scalar('a', 1, 1)
    }).toThrow(expect.objectContaining({ code: 'TBL_CLOSED' }))
  })

  it('holds a bounded amount of what the disk has not taken', async () => {
    const writer = await EventFileWriter.open(folder)
    const png = Buffer.concat([PNG, Buffer.alloc(2 ** 24)])
    const write = (step: number) => {
      writer.image('big', { png, width: 4, height: 2 }, step)
    }
    ;[0, 1, 2].forEach(write)
    expect(() => {
      write(3)
    }).toThrow(expect.objectContaining({ code: 'TBL_BUFFER_FULL', message: expect.stringContaining('Await flush()') }))
    await writer.flush()
    write(4)
    await writer.close()
    expect((await readEventFile(writer.file)).map(({ step }) => step)).toEqual([0, 1, 2, 4])
  })

  it.each<[string, (writer: EventFileWriter) => void, string]>([
    ['an empty tag', (writer) => writer.scalar('', 1, 1), 'EventFileWriter.scalar: wanted a tag, got "".'],
    ['no number', (writer) => writer.scalar('a', undefined as never, 1), 'EventFileWriter.scalar: wanted a number for "a", got undefined.'],
    ['a number as text', (writer) => writer.scalar('a', '1' as never, 1), 'wanted a number for "a", got string'],
    ['no text', (writer) => writer.text('a', null as never, 1), 'EventFileWriter.text: wanted a string for "a", got null.'],
    ['a time that is none', (writer) => writer.scalar('a', 1, 1, NaN), 'wanted seconds since 1970 as wall time, got NaN'],
    ['a broken step', (writer) => writer.text('a', 'x', 0.5), 'wanted an integer as step, got 0.5'],
    [
      'a wrong size',
      (writer) => writer.image('a', { png: PNG, width: 2, height: 4 }, 1),
      'wanted a PNG of 2 x 4 pixels, got one of 4 x 2',
    ],
    [
      'another format',
      (writer) => writer.image('a', { png: Buffer.from('GIF89a'), width: 2, height: 4 }, 1),
      'wanted the bytes of a PNG, got 6 bytes that begin with 474946383961',
    ],
  ])('refuses %s', async (_, write, message) => {
    const writer = await EventFileWriter.open(folder)
    expect(() => {
      write(writer)
    }).toThrow(expect.objectContaining({ code: 'TBL_ARGUMENT', message: expect.stringContaining(message) }))
    await writer.close()
    expect(await readEventFile(writer.file)).toEqual([])
  })

  it('has whole characters only, where a tag or a text was cut within one', async () => {
    const writer = await EventFileWriter.open(folder)
    writer.scalar('cut \ud83d', 1, 0)
    writer.text('notes', '\udc00 cut \ud83d, 😀', 0)
    await writer.close()
    // Bytes that a lone half becomes where nobody looks: no UTF-8.
    const bytes = await readFile(writer.file)
    for (const half of [[0xed, 0xa0, 0xbd], [0xed, 0xb0, 0x80]]) expect(bytes.includes(Buffer.from(half))).toBe(false)
    expect(await readEventFile(writer.file)).toMatchObject([
      { kind: 'scalar', tag: 'cut \ufffd' },
      { kind: 'text', text: '\ufffd cut \ufffd, 😀' },
    ])
  })

  it('refuses two kinds of entries under one tag, and writes nothing of the second', async () => {
    const writer = await EventFileWriter.open(folder)
    writer.scalar('norms', 1, 0)
    const told = expect.objectContaining({
      code: 'TBL_ARGUMENT',
      message: 'EventFileWriter.histogram: wanted a tag with entries of one kind, for TensorBoard shows no other, got "norms", under which the files of this folder have scalars. Use another tag, such as norms/histograms, or another folder.',
    })
    expect(() => {
      writer.histogram('norms', [1], 1)
    }).toThrow(told)
    expect(() => {
      writer.text('norms', 'x', 1)
    }).toThrow('"norms", under which')
    writer.scalar('norms', 2, 2)
    writer.histogram('norms/histogram', [1], 2)
    await writer.close()
    expect((await readEventFile(writer.file)).map(({ kind, step }) => [kind, step])).toEqual([['scalar', 0], ['scalar', 2], ['histogram', 2]])
  })

  it('knows the kinds of tags that earlier files of the folder have, also hidden, cut and large ones', async () => {
    const first = await EventFileWriter.open(folder)
    first.image('picture', { png: Buffer.concat([PNG, Buffer.alloc(5 * 2 ** 20)]), width: 4, height: 2 }, 0)
    first.scalar('norms', 1, 0)
    first.text('cut', 'x', 1)
    await first.close()
    await truncate(first.file, (await readFile(first.file)).length - 3)
    await writeFile(join(folder, 'events.out.tfevents.of.another'), 'no event file')
    const second = await EventFileWriter.open(folder, { purgeStep: 0 })
    expect(() => {
      second.histogram('norms', [1], 1)
    }).toThrow('"norms", under which the files of this folder have scalars')
    expect(() => {
      second.scalar('picture', 1, 1)
    }).toThrow('"picture", under which the files of this folder have images')
    second.scalar('cut', 1, 1)
    await second.close()
  })

  it('knows the kinds of tags that other open writers of the folder have taken, by whatever path, and of no other folder', async () => {
    await mkdir(join(folder, 'run'))
    await symlink(join(folder, 'run'), join(folder, 'link'))
    const [first, second, other] = await Promise.all(['run', 'link', 'other'].map((name) => EventFileWriter.open(join(folder, name))))
    first!.scalar('norms', 1, 0)
    const refused = (writer: EventFileWriter) => {
      expect(() => {
        writer.histogram('norms', [1], 0)
      }).toThrow('"norms", under which the files of this folder have scalars')
    }
    refused(second!)
    other!.histogram('norms', [1], 0)
    const third = await EventFileWriter.open(join(folder, 'run'))
    refused(third)
    await Promise.all([first, second, third, first].map((writer) => writer!.close()))
    // Nobody is left: what counts is what the folder has now.
    await rm(join(folder, 'run'), { recursive: true })
    const again = await EventFileWriter.open(join(folder, 'run'))
    again.histogram('norms', [1], 0)
    await Promise.all([again, other].map((writer) => writer!.close()))
  })

  it('says when the folder cannot be written', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await expect(EventFileWriter.open(file)).rejects.toThrow(
      expect.objectContaining({ code: 'TBL_IO', message: expect.stringContaining(`to create an event file in ${file}`) }),
    )
  })
})

describe('readEventFile', () => {
  it('reads what a process that was killed left', async () => {
    const writer = await EventFileWriter.open(folder)
    writer.scalar('a', 1, 1)
    writer.scalar('a', 2, 2)
    await writer.close()
    await truncate(writer.file, (await readFile(writer.file)).length - 3)
    expect(await readEventFile(writer.file)).toMatchObject([{ value: 1 }])
  })

  it('says which file it cannot read', async () => {
    await expect(readEventFile(join(folder, 'none'))).rejects.toThrow(
      expect.objectContaining({ code: 'TBL_IO', message: expect.stringContaining('ENOENT') }),
    )
  })
})
