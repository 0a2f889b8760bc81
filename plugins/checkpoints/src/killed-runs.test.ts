import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCheckpoint } from './read-checkpoint.js'
import { latestCheckpoint, listCheckpoints } from './run-folder.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

interface Run {
  readonly child: ChildProcess
  /** Resolves once it has said that. */
  says(text: string): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>
}

const env = { ...process.env, METRIC_LEARNING_BACKEND: 'cpu' }
const loader = ['--import', import.meta.resolve('tsx'), '--conditions', '@metric-learning/source', '--import', source('../../../tools/test-support/test-backend.ts')]
const training = (milliseconds: number): readonly string[] => [...loader, source('./kill.fixture.ts'), folder, String(milliseconds)]

/** A process that trains, steps of so many milliseconds, and saves each step. */
const train = (milliseconds: number): Run => follow(spawn(process.execPath, training(milliseconds), { env }))

function follow(child: ChildProcess): Run {
  let output = ''
  const listeners = new Set<() => void>()
  const take = (part: string) => {
    output += part
    for (const listener of listeners) listener()
  }
  child.stdout!.setEncoding('utf8').on('data', take)
  child.stderr!.setEncoding('utf8').on('data', take)
  return {
    child,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (output.includes(text)) resolve()
        }
        listeners.add(look)
        child.on('close', () => {
          reject(new Error(`ended without "${text}": ${output}`))
        })
        look()
      }),
    ended: new Promise((resolve) => {
      child.on('close', (code) => {
        resolve({ code, output })
      })
    }),
  }
}

/** Waits from 0 to 15 milliseconds; which, follows from a number. */
const someTime = (seed: number) => new Promise((resolve) => setTimeout(resolve, (seed * 7.3) % 15))

describe('a run that is killed', () => {
  it('at any moment of its saves has a whole checkpoint and no half one, and goes on from it', { timeout: 180_000 }, async () => {
    let [saved, leftOvers] = [0, 0]
    // Six, and more until one has hit a save: else nothing is shown.
    for (let i = 0; i < 6 || (leftOvers === 0 && i < 30); i++) {
      const run = train(0)
      await run.says(`step ${saved + 3}\n`)
      await someTime(i)
      run.child.kill('SIGKILL')
      const { output } = await run.ended
      if (i > 0) expect(output).toContain(`${saved} steps in all.`)
      const listed = await listCheckpoints(folder)
      expect(listed.map(({ error }) => error)).toEqual(listed.map(() => undefined))
      const { position, state, dispose } = await readCheckpoint((await latestCheckpoint(folder))!)
      expect(position.step).toBeGreaterThanOrEqual(saved + 2)
      expect([...(await state['modules.trunk']!.tensors!.get('weight')!.data())]).toEqual(Array(6).fill(position.step))
      dispose()
      saved = position.step
      leftOvers += (await readdir(folder)).filter((name) => /\.(saving|removing)$/.test(name)).length
    }
    expect(leftOvers).toBeGreaterThan(0)
  })

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('by %s ends the step, saves and exits with 0; by two of them at once with %i', { timeout: 60_000 }, async (signal, code) => {
    const polite = train(300)
    await polite.says('step 2\n')
    polite.child.kill(signal)
    const { code: politeCode, output } = await polite.ended
    expect(output).toContain(`${signal}: the run ends after this step, with a checkpoint; a second signal ends it at once.`)
    expect(output).toContain(`ended by ${signal} after step 2`)
    expect(politeCode).toBe(0)
    const { position } = await readCheckpoint((await latestCheckpoint(folder))!)
    expect(position).toEqual({ epoch: 0, batch: 2, step: 2 })
    // A step that never ends.
    const hasty = train(1_000_000)
    await hasty.says('step 3\n')
    hasty.child.kill(signal)
    await hasty.says(`${signal}: `)
    hasty.child.kill(signal)
    expect((await hasty.ended).code).toBe(code)
    expect(await latestCheckpoint(folder)).toContain('epoch-0-batch-2')
  })

  it('by a signal to the npm that runs it, as the scripts of the checkout are written, ends in the same way', { timeout: 60_000 }, async () => {
    const { scripts } = JSON.parse(await readFile(source('../../../package.json'), 'utf8')) as { scripts: Record<string, string> }
    expect(Object.values(scripts).filter((script) => script.startsWith('node '))).toEqual([])
    const start = scripts['quickstart']!.replace(/node .*/, [process.execPath, ...training(300)].join(' '))
    await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { start } }))
    const child = spawn('npm', ['run', 'start'], { env, cwd: folder, detached: true })
    try {
      const run = follow(child)
      await run.says('step 2\n')
      child.kill('SIGTERM')
      await run.says('ended by SIGTERM after step 2')
      await run.ended
    } finally {
      // The group: without npm, what it ran would go on.
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // All have ended.
      }
    }
  })

  it('and goes on is told what was left behind; while the first lives, a second one is refused', { timeout: 60_000 }, async () => {
    const first = train(300)
    await first.says('step 2\n')
    const second = await train(300).ended
    expect(second.code).toBe(1)
    expect(second.output).toContain(`wanted ${folder} for one run at a time, got another one, of process ${first.child.pid} on `)
    first.child.kill('SIGKILL')
    await first.ended
    const third = train(300)
    await third.says(`process ${first.child.pid} on`)
    await third.says('has ended without giving the folder free; it is taken over.')
    third.child.kill('SIGKILL')
    await third.ended
  })
})
