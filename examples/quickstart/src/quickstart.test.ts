import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = new URL('../../../', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'quickstart-'))
const images = join(folder, 'images')

/** 24 classes of 8 pictures: a bright bar whose place is the class, on noise. */
async function drawImages(): Promise<void> {
  const side = 32
  for (let label = 0; label < 24; label++) {
    const place = join(images, `class-${String(label).padStart(2, '0')}`)
    mkdirSync(place, { recursive: true })
    for (let i = 0; i < 8; i++) {
      const pixels = Uint8Array.from({ length: side * side }, (_, at) => {
        const bar = Math.abs((at % side) - (label + 4)) < 2 ? 170 : 0
        return bar + ((at * 7919 + i * 104_729 + label * 31) % 60)
      })
      await sharp(pixels, { raw: { width: side, height: side, channels: 1 } }).png().toFile(join(place, `${i}.png`))
    }
  }
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The folder of the only run. */
function runIn(output: string): string {
  const [name, ...others] = readdirSync(output)
  expect(others).toEqual([])
  return join(output, name!)
}

/** Runs the quickstart; `interruptAt` sends the signal as soon as that text shows up on stderr, `onLine` is told each line there. */
function quickstart(args: readonly string[], interruptAt?: string, signal: NodeJS.Signals = 'SIGINT', onLine: (line: string) => void = () => undefined): Promise<Ended> {
  const command = ['--import', 'tsx', '--conditions', '@metric-learning/source', join(root, 'examples/quickstart/src/main.ts')]
  const child = spawn(process.execPath, [...command, ...args], { cwd: root })
  let [stdout, stderr, sent] = ['', '', false]
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part
    for (const line of part.split('\n')) onLine(line)
    if (interruptAt === undefined || sent || !stderr.includes(interruptAt)) return
    sent = true
    child.kill(signal)
  })
  return new Promise((resolve) => {
    child.on('close', (code) => {
      resolve({ code, stdout, stderr })
    })
  })
}

beforeAll(drawImages)
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the quickstart', () => {
  it('compares both losses on a folder of images, and writes table, models, logs and report', { timeout: 180_000 }, async () => {
    const output = join(folder, 'both')
    const { code, stdout, stderr } = await quickstart(['--data', images, '--epochs', '2', '--output', output])
    expect(stderr).toContain('17 classes, judged on')
    expect(code).toBe(0)
    expect(stdout).toMatch(/untrained\s+Triplet\s+ArcFace/i)
    for (const metric of ['AMI', 'NMI', 'R-precision', 'MRR']) expect(stdout.toLowerCase()).toContain(metric.toLowerCase())
    const run = runIn(output)
    expect(run).toMatch(/\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-seed0$/)
    const report = readFileSync(join(run, 'report.html'), 'utf8')
    expect(report).toContain('Triplet against ArcFace')
    const { runs } = JSON.parse(readFileSync(join(runIn(output), 'results.json'), 'utf8')) as { runs: { evaluations: unknown[] }[] }
    expect(runs.map(({ evaluations }) => evaluations.length)).toEqual([3, 3])
    for (const loss of ['triplet', 'arcface']) {
      expect(existsSync(join(run, loss, 'best-model/trunk.safetensors'))).toBe(true)
      expect(existsSync(join(run, loss, 'best-model/embedder.safetensors'))).toBe(true)
      expect(existsSync(join(run, loss, 'tensorboard'))).toBe(true)
    }
  })

  it('serves a page of the run under way, and ends when the run has', { timeout: 180_000 }, async () => {
    const pages: Promise<string>[] = []
    const look = (line: string) => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(line) ?? []
      if (url !== undefined) pages.push(fetch(url).then((response) => response.text()))
    }
    const { code, stderr } = await quickstart(['--data', images, '--epochs', '1', '--output', join(folder, 'live'), '--live', '0'], undefined, undefined, look)
    expect(code).toBe(0)
    // One for both sides.
    expect(stderr.match(/Live page: /g)).toHaveLength(1)
    const [page] = await Promise.all(pages)
    expect(page).toContain('<title>Triplet against ArcFace</title>')
    expect(page!.match(/data-under-way/g)).toHaveLength(2)
    expect(page).toContain('17 classes')
  })

  it('stops cleanly on Ctrl-C, writes the report, and goes on when it is resumed', { timeout: 240_000 }, async () => {
    const output = join(folder, 'interrupted')
    const begun = await quickstart(['--data', images, '--epochs', '1000', '--loss', 'triplet', '--output', output], 'step')
    expect(begun.stderr).toContain('SIGINT: the run ends after this step, with a checkpoint')
    expect(begun.code).toBe(0)
    expect(begun.stdout).toContain(`npm run quickstart -- --resume ${runIn(output)}`)
    const results = () => JSON.parse(readFileSync(join(runIn(output), 'results.json'), 'utf8')) as { runs: { status: string; stopReason?: string; plannedEpochs: number }[] }
    expect(results().runs.map(({ status, stopReason }) => [status, stopReason])).toEqual([['stopped', 'SIGINT']])
    expect(readFileSync(join(runIn(output), 'report.html'), 'utf8')).toContain('SIGINT')
    const resumed = await quickstart(['--resume', '--output', output, '--epochs', '6'])
    expect(resumed.stderr).toMatch(/Resumed .*triplet\/checkpoints/)
    expect(resumed.code).toBe(0)
    expect(results().runs.map(({ status }) => status)).toEqual(['complete'])
  })

  it('ends the same, bit for bit, when it was killed and resumed', { timeout: 240_000 }, async () => {
    const options = (output: string) => ['--data', images, '--epochs', '4', '--loss', 'arcface', '--output', output]
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')]
    await quickstart(options(whole))
    const { code } = await quickstart(options(killed), 'epoch 2/4', 'SIGKILL')
    expect(code).toBeNull()
    await quickstart(['--resume', '--output', killed])
    const scalars = (output: string) =>
      readFileSync(join(runIn(output), 'arcface/log.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"scalar"') && !/samplesPerSecond|dataWait|epoch\/|memory\//.test(line))
    expect(scalars(killed)).toEqual(scalars(whole))
    const weights = (output: string) => readFileSync(join(runIn(output), 'arcface/best-model/trunk.safetensors'))
    expect(weights(killed).equals(weights(whole))).toBe(true)
  })

  it('trains on two classes split by samples, with a corrupt file left out, and says how little that is', { timeout: 240_000 }, async () => {
    const few = join(folder, 'few')
    for (const name of ['class-00', 'class-12']) cpSync(join(images, name), join(few, name), { recursive: true })
    writeFileSync(join(few, 'class-00', 'a.png'), 'no image')
    const output = join(folder, 'few-runs')
    const options = ['--split', 'samples', '--on-corrupt', 'skip', '--augment', '--cache', join(folder, 'decoded'), '--loss', 'triplet', '--epochs', '1']
    const { code, stdout, stderr } = await quickstart(['--data', few, ...options, '--output', output])
    expect(code).toBe(0)
    expect(stderr).toContain('Left out 1: class-00/a.png (Input buffer contains unsupported image format)')
    expect(stdout).toContain('On held-out images, 4 of the classes that were trained on:')
    expect(stdout).toContain('12 images of 2 classes, in 1 step in all, are too little for a figure to be trusted')
    expect(readFileSync(join(runIn(output), 'report.html'), 'utf8')).toContain('too little for a figure to be trusted')
  })

  it('names what is wrong with the data in one line, without a stack', { timeout: 60_000 }, async () => {
    const single = join(folder, 'single')
    mkdirSync(join(single, 'only'), { recursive: true })
    writeFileSync(join(single, 'only', 'a.png'), 'no image')
    const { code, stderr } = await quickstart(['--data', single, '--output', join(folder, 'none')])
    expect(code).toBe(1)
    expect(stderr).toMatch(/wanted .*, got /)
    expect(existsSync(join(folder, 'none'))).toBe(false)
    expect(stderr).not.toContain('    at ')
  })
})
