import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Command } from 'commander'
import { addExperimentCommands } from './commands.js'

const toys = fileURLToPath(new URL('../toy-data.fixture.ts', import.meta.url))
const data = { [`${toys}#toyData`]: { classes: 8 } }

/** What a command writes to its output. */
async function said(...args: readonly string[]): Promise<string> {
  const written: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  onTestFinished(() => spy.mockRestore())
  try {
    const program = new Command().exitOverride()
    addExperimentCommands(program, () => undefined)
    await program.parseAsync(args, { from: 'user' })
  } finally {
    spy.mockRestore()
  }
  return written.join('')
}

describe('metric-learning list', () => {
  it('shows kinds, parts and options, and which of them the experiment gives', async () => {
    expect(await said('list')).toMatch(/^losses +a loss: AngularLoss, ArcFaceLoss/m)
    expect(await said('list', 'samplers')).toContain('MPerClassSampler\n    Batches of')
    const arcFace = await said('list', 'ArcFaceLoss')
    expect(arcFace).toMatch(/numClasses, given by the experiment/)
    expect(arcFace).toMatch(/margin: a number\n.*Default 28.6/)
    expect(await said('list', `${fileURLToPath(new URL('../../../../examples/plugins/src/loss/spread-loss.ts', import.meta.url))}#SpreadLoss`)).toMatch(/distance: distances\n[\s\S]*embeddingRegWeight: a number\n      Default 1/)
  })

  it('takes paths from where the command was typed', async () => {
    vi.stubEnv('INIT_CWD', fileURLToPath(new URL('../../../../examples/plugins/src/loss', import.meta.url)))
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await said('list', './spread-loss.ts#SpreadLoss')).toContain('distance: distances')
  })

  it('suggests what was meant', async () => {
    await expect(said('list', 'arcFaceLoss')).rejects.toThrow('Did you mean `ArcFaceLoss`?')
    for (const name of ['#', './spread-loss.ts#', '#SpreadLoss', '']) await expect(said('list', name)).rejects.toThrow('wanted a kind of parts, or a part')
  })
})

describe('metric-learning run', () => {
  it('trains a configuration with changed fields, and does its folder again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cli-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'toys.json')
    const configuration = { name: 'toys', data, trunk: { ConvNet: { width: 2, blocks: 2 } }, sampler: { MPerClassSampler: { m: 2, batchSize: 8 } }, methods: { Contrastive: { objectives: [{ loss: 'ContrastiveLoss' }] } }, epochs: 9, tensorBoard: false, backend: 'native-cpu' }
    writeFileSync(file, JSON.stringify(configuration))
    const output = join(folder, 'out')
    expect(await said('run', file, '--output', output, '--set', 'epochs=1', '--set', 'seeds=[4]')).toMatch(/\| Contrastive \| .*\n/)
    expect(JSON.parse(readFileSync(join(output, 'runs/Contrastive/seed-4/result.json'), 'utf8'))).toMatchObject({ epochs: 1, seed: 4 })
    await said('run', output)
    const metrics = (place: string) => readFileSync(join(place, 'results.jsonl'), 'utf8').split('\n').map((line) => line.replace(/"(trainingSeconds|peakMemory)":[\d.e+]+,?/g, ''))
    expect(metrics(`${output}-2`)).toEqual(metrics(output))
    await expect(said('run', file, '--output', output)).rejects.toThrow('one with another `seeds.0`')
    await expect(said('run', folder)).rejects.toThrow('one with experiment.json or run.json')
    await expect(said('run', output, '--set', 'epochs=3')).rejects.toThrow('no --output and no --set with a folder')
  })
})
