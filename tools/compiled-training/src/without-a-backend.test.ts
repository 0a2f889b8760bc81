import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))

/** What a program without a backend fails with. */
function failure(program: string): string {
  const args = ['--import', 'tsx', '--conditions', '@metric-learning/source', '--input-type=module', '--eval', program]
  return spawnSync(process.execPath, args, { cwd: here, encoding: 'utf8' }).stderr
}

describe('Without a backend', () => {
  it.each([
    ['Conv2d', 'models', 'new m.ConvNet()'],
    ['Linear', 'models', 'new m.Linear({ inputSize: 2, outputSize: 2 })'],
    ['BatchNorm2d', 'models', 'new m.BatchNorm2d({ channels: 2 })'],
    ['ArcFaceLoss', 'losses', 'new m.ArcFaceLoss({ numClasses: 2, embeddingSize: 2 })'],
    ['CrossBatchMemory', 'losses', 'new m.CrossBatchMemory({ loss: new m.NTXentLoss(), embeddingSize: 2 })'],
  ])('%s of %s says how to choose one', (who, room, make) => {
    const said = failure(`const m = await import('@metric-learning/${room}')\n${make}`)
    expect(said).toContain(`${who}: wanted a backend to compute on, got none. Call \`await useBackend('auto')\` of @metric-learning/backend first.`)
  })
})
