import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from './format/manifest.js'
import { readCheckpoint } from './read-checkpoint.js'
import { bestCheckpoint, latestCheckpoint, listCheckpoints, nextCheckpointFolder } from './run-folder.js'
import { writeCheckpoint } from './write-checkpoint.js'

let run: string
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'checkpoints-'))
})
afterEach(() => rm(run, { recursive: true, force: true }))

async function save(step: number, metrics: Record<string, number> = {}): Promise<string> {
  const position = { epoch: 0, batch: step, step }
  const folder = await nextCheckpointFolder(run, position)
  await writeCheckpoint(folder, { trainer: { values: { step } } }, { position, metrics })
  return folder
}

const spoil = (folder: string) => truncate(join(folder, 'state.json'), 3)

/** Makes of a checkpoint one of the next version of the format, whole by its rules. */
async function makeNewer(folder: string): Promise<void> {
  const path = join(folder, 'manifest.json')
  const text = (await readFile(path, 'utf8')).replace('"version": 1', '"version": 2').replace('"library": "0.1.0"', '"library": "9.8.7"')
  const head = text.slice(0, text.lastIndexOf('"sha256": "') + '"sha256": "'.length)
  await writeFile(path, `${head}${sha256(head)}"\n}\n`)
}

describe("a run's folder", () => {
  it('has checkpoints in the order of their saves, whatever their positions', async () => {
    const folders = [await save(20), await save(10), await save(30)]
    expect(folders.map((folder) => basename(folder))).toEqual([
      'checkpoint-000001-epoch-0-batch-20',
      'checkpoint-000002-epoch-0-batch-10',
      'checkpoint-000003-epoch-0-batch-30',
    ])
    const listed = await listCheckpoints(run)
    expect(listed.map(({ folder, info }) => [folder, info?.position.step])).toEqual([[folders[0], 20], [folders[1], 10], [folders[2], 30]])
    expect(await latestCheckpoint(run)).toBe(folders[2])
  })

  it('counts on beyond six digits', async () => {
    const position = { epoch: 0, batch: 0, step: 0 }
    for (const number of [9, 999_999, 1_000_000]) await writeCheckpoint(join(run, `checkpoint-${number}`), {}, { position })
    expect(basename(await nextCheckpointFolder(run, position))).toBe('checkpoint-1000001-epoch-0-batch-0')
    expect(await latestCheckpoint(run)).toBe(join(run, 'checkpoint-1000000'))
  })

  it('may be missing or empty', async () => {
    expect(await listCheckpoints(join(run, 'none'))).toEqual([])
    expect(await latestCheckpoint(join(run, 'none'))).toBeUndefined()
    expect(await latestCheckpoint(run)).toBeUndefined()
  })

  it('says of a checkpoint that is not there that the folder is missing', async () => {
    await expect(readCheckpoint(join(run, 'checkpoint-7'))).rejects.toThrow(`wanted a whole checkpoint with ${join(run, 'checkpoint-7')}, got no such file`)
  })

  it('passes over damaged ones, and says so', async () => {
    const [first, second, third] = [await save(1), await save(2), await save(3)]
    await spoil(third)
    await rm(join(second, 'manifest.json'))
    const passedOver: string[] = []
    expect(await latestCheckpoint(run, ({ file }) => passedOver.push(file))).toBe(first)
    expect(passedOver).toEqual([join(third, 'state.json'), join(second, 'manifest.json')])
    expect((await listCheckpoints(run)).map(({ error }) => error?.kind)).toEqual([undefined, 'damaged', 'damaged'])
  })

  it('with nothing but damaged ones is no new run', async () => {
    await spoil(await save(1))
    await expect(latestCheckpoint(run)).rejects.toMatchObject({ code: 'ML_CHECKPOINT', kind: 'damaged', before: undefined })
    const newest = await save(2)
    await spoil(newest)
    await expect(latestCheckpoint(run)).rejects.toMatchObject({ code: 'ML_CHECKPOINT', kind: 'damaged', file: join(newest, 'state.json') })
    await expect(latestCheckpoint(run)).rejects.toThrow(`latestCheckpoint: wanted a whole checkpoint in ${run}, got none, of 2; of the newest: `)
  })

  it('with one of a newer format is not gone back behind; the one before it is offered', async () => {
    const [first, second] = [await save(1), await save(2)]
    await makeNewer(second)
    const wanted = { code: 'ML_CHECKPOINT', kind: 'newer', file: join(second, 'manifest.json'), before: first }
    await expect(latestCheckpoint(run)).rejects.toMatchObject(wanted)
    await expect(readCheckpoint(second)).rejects.toMatchObject(wanted)
    await expect(readCheckpoint(second)).rejects.toThrow('got version 2, written by 9.8.7. Install a newer @metric-learning/checkpoints.')
  })

  it('knows the best by any metric, the earliest of equal ones, and no damaged one', async () => {
    const metric = 'heldOut/precisionAt1'
    const folders = [await save(1, { [metric]: 0.5 }), await save(2, { [metric]: 0.7 }), await save(3, { [metric]: 0.7 }), await save(4)]
    await save(5, { [metric]: NaN })
    expect(await bestCheckpoint(run, { metric, mode: 'max' })).toBe(folders[1])
    expect(await bestCheckpoint(run, { metric, mode: 'min' })).toBe(folders[0])
    expect(await bestCheckpoint(run, { metric: 'other', mode: 'min' })).toBeUndefined()
    await spoil(folders[1]!)
    expect(await bestCheckpoint(run, { metric, mode: 'max' })).toBe(folders[2])
  })
})
