import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mountTmpfs } from '../../../tools/test-support/mount-tmpfs.js'
import { CheckpointError } from './checkpoint-error.js'
import { disposeState, exampleState, HARD_BITS, plainState } from './checkpoint-state.fixture.js'
import { readManifest } from './format/checkpoint-files.js'
import { encodeManifest } from './format/manifest.js'
import { readCheckpoint } from './read-checkpoint.js'
import { latestCheckpoint, listCheckpoints } from './run-folder.js'
import type { RunState } from '@metric-learning/core'
import { writeCheckpoint } from './write-checkpoint.js'

let run: string
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'checkpoints-'))
})
afterEach(() => rm(run, { recursive: true, force: true }))

const position = { epoch: 2, batch: 7, step: 107 }
const FILES = ['manifest.json', 'state.json', 'tensors-1.safetensors']

async function write(name: string, state = exampleState()): Promise<string> {
  const folder = join(run, name)
  await writeCheckpoint(folder, state, { position, metrics: { 'heldOut/precisionAt1': 0.5, loss: NaN } })
  disposeState(state)
  return folder
}

const failure = (folder: string) =>
  readCheckpoint(folder).then(
    () => undefined,
    (error: unknown) => error as CheckpointError,
  )

describe('a checkpoint', () => {
  it('brings everything back, bit for bit, and leaks no tensor', async () => {
    const state = exampleState()
    const wanted = await plainState(state)
    const before = tf.memory().numTensors
    const folder = join(run, 'deep', 'run', 'checkpoint-1')
    const time = new Date(1_800_000_000_123)
    await writeCheckpoint(folder, state, { position, metrics: { 'heldOut/precisionAt1': 0.5, loss: NaN }, time })
    const checkpoint = await readCheckpoint(folder)
    expect(await plainState(checkpoint.state)).toStrictEqual(wanted)
    expect(Object.keys(checkpoint.state)).toEqual(Object.keys(state))
    const hard = await checkpoint.state['modules.trunk']!.tensors!.get('hard')!.data()
    expect(new Uint32Array(hard.buffer, hard.byteOffset, 4)).toEqual(HARD_BITS)
    expect(checkpoint).toMatchObject({ folder, position, metrics: { 'heldOut/precisionAt1': 0.5, loss: NaN }, time, library: '0.1.0' })
    checkpoint.dispose()
    expect(tf.memory().numTensors).toBe(before)
    disposeState(state)
    expect((await readdir(folder)).sort()).toEqual(FILES)
    expect(await readdir(join(run, 'deep', 'run'))).toEqual(['checkpoint-1'])
  })

  it('may be of nothing', async () => {
    const folder = await write('checkpoint-1', {})
    expect((await readCheckpoint(folder)).state).toEqual({})
  })

  it('refuses what it could not bring back, and says where it is', async () => {
    const save = (state: RunState) => writeCheckpoint(join(run, 'checkpoint-1'), state, { position })
    await expect(save({ 'plugins.a': { values: { seen: new Set() as never } } })).rejects.toThrow('a Set at values.plugins.a.seen')
    const text = tf.tensor(['a'])
    await expect(save({ 'plugins.a': { tensors: new Map([['text', text]]) } })).rejects.toThrow('a tensor of type string at plugins.a/text')
    text.dispose()
    expect(await readdir(run)).toEqual([])
  })

  it('takes the place of nothing', async () => {
    const folder = await write('checkpoint-1')
    await expect(writeCheckpoint(folder, {}, { position })).rejects.toThrow(`wanted the path of a new folder, got ${folder}, which exists`)
    expect(await failure(folder)).toBeUndefined()
  })
})

describe('a damaged checkpoint', () => {
  it('is one with a tensor in two files', async () => {
    const folder = await write('checkpoint-1')
    const { files, time, metrics } = await readManifest(folder)
    await copyFile(join(folder, 'tensors-1.safetensors'), join(folder, 'tensors-2.safetensors'))
    const twice = { ...files, 'tensors-2.safetensors': files['tensors-1.safetensors']! }
    await writeFile(join(folder, 'manifest.json'), encodeManifest({ position, metrics, time, files: twice }))
    const error = await failure(folder)
    expect(error).toMatchObject({ kind: 'damaged', file: join(folder, 'tensors-2.safetensors') })
    expect(error!.message).toContain('which is in a file before it, too')
  })

  it('is noticed wherever a file of it is cut, and the one before it is offered', async () => {
    const before = await write('checkpoint-1')
    const folder = await write('checkpoint-2')
    for (const name of FILES) {
      const path = join(folder, name)
      const whole = await readFile(path)
      for (let cut = 0; cut < 100; cut++) {
        await writeFile(path, whole)
        await truncate(path, Math.floor((cut * whole.length) / 100))
        const error = await failure(folder)
        expect(error).toBeInstanceOf(CheckpointError)
        expect(error).toMatchObject({ code: 'ML_CHECKPOINT', kind: 'damaged', file: path, before })
        expect(error!.message).toContain(name)
        expect(error!.message).toContain(`The whole one before it is ${before}.`)
      }
      await writeFile(path, whole)
    }
    expect(await failure(folder)).toBeUndefined()
  })

  it('is noticed by any byte of its manifest, and the one before it is offered', { timeout: 120_000 }, async () => {
    const before = await write('checkpoint-1', {})
    const folder = await write('checkpoint-2')
    const path = join(folder, 'manifest.json')
    const whole = await readFile(path)
    for (let i = 0; i < whole.length; i++) {
      const flipped = Buffer.from(whole)
      flipped[i]! ^= 1 << i % 8
      await writeFile(path, flipped)
      expect(await failure(folder), `byte ${i}`).toMatchObject({ code: 'ML_CHECKPOINT', kind: 'damaged', file: path, before })
    }
  })

  it('is noticed by any byte of its other files', async () => {
    const folder = await write('checkpoint-1')
    for (const name of FILES.slice(1)) {
      const path = join(folder, name)
      const whole = await readFile(path)
      for (let i = 0; i < whole.length; i += 13) {
        const flipped = Buffer.from(whole)
        flipped[i]! ^= 1 << i % 8
        await writeFile(path, flipped)
        expect(await failure(folder), `${name}, byte ${i}`).toMatchObject({ kind: 'damaged', file: path, before: undefined })
      }
      await writeFile(path, whole)
    }
  })

  it('may lack a file', async () => {
    const folder = await write('checkpoint-1')
    for (const name of FILES) {
      const path = join(folder, name)
      const whole = await readFile(path)
      await rm(path)
      expect(await failure(folder)).toMatchObject({ kind: 'damaged', file: path })
      await writeFile(path, whole)
    }
    await rm(folder, { recursive: true })
    expect(await failure(folder)).toMatchObject({ kind: 'damaged', file: folder })
  })
})

describe('a save that fails', () => {
  const large = (): RunState => ({ 'modules.trunk': { tensors: new Map([['weight', tf.ones([200, 200])]]) } })

  it('on a full disk names file and reason, and leaves what was there', async ({ skip }) => {
    const mounted = mountTmpfs(run, 'size=64k')
    if (typeof mounted === 'string') return skip(mounted)
    try {
      const first = await write('checkpoint-1')
      const error = await write('checkpoint-2', large()).catch((error: unknown) => error as CheckpointError)
      const file = join(run, 'checkpoint-2', 'tensors-1.safetensors')
      expect(error).toMatchObject({ code: 'ML_CHECKPOINT', kind: 'unwritable', file })
      expect((error as CheckpointError).message).toContain(`wanted to write ${file}, got ENOSPC: no space left on device`)
      expect(await readdir(run)).toEqual(['checkpoint-1'])
      expect(await latestCheckpoint(run)).toBe(first)
      // Room for another small one is there again.
      await write('checkpoint-3')
    } finally {
      mounted.unmount()
    }
  })

  it('on a disk that may only be read names folder and reason, and leaves what was there', async ({ skip }) => {
    const mounted = mountTmpfs(run, 'size=64k')
    if (typeof mounted === 'string') return skip(mounted)
    try {
      const first = await write('checkpoint-1')
      mounted.remount('ro')
      await expect(write('checkpoint-2')).rejects.toMatchObject({ kind: 'unwritable', file: join(run, 'checkpoint-2') })
      await expect(write('checkpoint-2')).rejects.toThrow('EROFS')
      expect(await latestCheckpoint(run)).toBe(first)
    } finally {
      mounted.unmount()
    }
  })

  it('where a file stands in the place of the folder', async () => {
    await writeFile(join(run, 'taken'), '')
    await expect(write('taken/checkpoint-1')).rejects.toMatchObject({ code: 'ML_CHECKPOINT', kind: 'unwritable', file: join(run, 'taken') })
  })

  it('leaves nothing that is ever read, and the next save removes it', async () => {
    const first = await write('checkpoint-1')
    const { pid } = spawnSync(process.execPath, ['--version'])
    await mkdir(join(run, `.checkpoint-2.${pid}.saving`))
    await writeFile(join(run, `.checkpoint-2.${pid}.saving`, 'tensors-1.safetensors'), 'half')
    await mkdir(join(run, `.checkpoint-0.${pid}.removing`))
    expect((await listCheckpoints(run)).map(({ folder }) => folder)).toEqual([first])
    expect(await latestCheckpoint(run)).toBe(first)
    await write('checkpoint-2')
    expect((await readdir(run)).sort()).toEqual(['checkpoint-1', 'checkpoint-2'])
  })

  it('is not done yet where another process is at it', async () => {
    const saving = `.checkpoint-7.${process.ppid}.saving`
    await mkdir(join(run, saving))
    await write('checkpoint-1')
    expect((await readdir(run)).sort()).toEqual([saving, 'checkpoint-1'])
  })
})
