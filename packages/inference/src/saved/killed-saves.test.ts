import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Embedder } from '@metric-learning/models'
import { expect, it, onTestFinished } from 'vitest'
import { InferenceModel } from '../inference-model.js'

const source = (path: string) => new URL(path, import.meta.url).pathname
const loader = ['--import', import.meta.resolve('tsx'), '--conditions', '@metric-learning/source', '--import', source('../../../../tools/test-support/test-backend.ts')]

/** Saves models into a folder, and is killed some milliseconds after one of them; the number of the last that it saw saved. */
async function killedAfter(folder: string, saves: number, milliseconds: number): Promise<number> {
  const child = spawn(process.execPath, [...loader, source('./save-loop.fixture.ts'), folder], { env: { ...process.env, METRIC_LEARNING_BACKEND: 'cpu' } })
  let output = ''
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString()
    if (output.includes(`saved ${saves}\n`)) setTimeout(() => child.kill('SIGKILL'), milliseconds)
  })
  await new Promise((resolve) => child.on('close', resolve))
  return Number(/saved (\d+)\n$/.exec(output)?.[1])
}

it('a folder holds a whole model, the old or the new one, whenever a save is killed', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'killed-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const milliseconds of [1, 6]) {
    const saved = await killedAfter(folder, 3 + milliseconds, milliseconds)
    const trunk = new Embedder({ inputSize: 2, embeddingSize: 3 })
    const model = await InferenceModel.load(folder, { trunk })
    const [number] = model.keys
    expect([saved, saved + 1]).toContain(Number(number))
    expect([...trunk.parameters.get('weight')!.dataSync()]).toEqual(Array(6).fill(Number(number)))
    await model.save(folder)
    expect((await readdir(folder)).length).toBe(4)
  }
})
