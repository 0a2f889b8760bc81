import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { ProcessError, runProcess } from './run-process.js'
import { sourceProgram } from './source-program.js'

const node = (program: string, options = {}) => runProcess(process.execPath, ['-e', program], options)

it('gives standard output, and each line as it comes', async () => {
  const lines: string[] = []
  const program = "process.stdout.write('o'); setTimeout(() => process.stdout.write('ne\\ntwo\\nth'), 20); setTimeout(() => process.stdout.write('ree'), 40)"
  expect(await node(program, { onLine: (line: string) => lines.push(line) })).toBe('one\ntwo\nthree')
  expect(lines).toEqual(['one', 'two', 'three'])
})

it('says why a process failed, with the end of what it complained about', async () => {
  const error = await node("console.error('x'.repeat(5000) + ' the end'); process.exit(3)").catch((e: unknown) => e as ProcessError)
  expect(error).toBeInstanceOf(ProcessError)
  expect(error).toMatchObject({ reason: 'code 3' })
  expect((error as ProcessError).message).toMatch(/^node: code 3\nx{3900,}.* the end$/)
  await expect(node("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 5000)")).rejects.toMatchObject({ reason: 'killed (SIGTERM)' })
  await expect(runProcess('/no/such/program', [])).rejects.toThrow(/ENOENT/)
})

it('gives up on a process after some seconds', async () => {
  await expect(node('setTimeout(() => {}, 60000)', { seconds: 0.2 })).rejects.toMatchObject({ reason: 'more than 0.2 s' })
})

it('takes the process along when its own ends', async () => {
  const sources = new URL('.', import.meta.url).pathname
  const child = `process.stdout.write(process.pid + '\\n'); setTimeout(() => {}, 60000)`
  const program = `
    import { runMain } from '${sources}run-main.ts'
    import { runProcess } from '${sources}run-process.ts'
    const onLine = (line: string) => { console.log(line); process.kill(process.pid, 'SIGTERM') }
    await runMain(async () => { await runProcess(process.execPath, ['-e', ${JSON.stringify(child)}], { onLine }) })`
  const folder = mkdtempSync(join(tmpdir(), 'run-process-'))
  writeFileSync(join(folder, 'main.mts'), program)
  let pid = 0
  const parent = runProcess(process.execPath, sourceProgram(join(folder, 'main.mts')), { onLine: (line) => (pid = Number(line)) })
  await expect(parent).rejects.toMatchObject({ reason: 'code 143' })
  await vi.waitUntil(() => !isRunning(pid))
  rmSync(folder, { recursive: true })
})

/** Whether a process is there; one that has ended and that nobody has asked about is not. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

it('adds to the environment', async () => {
  expect(await node('process.stdout.write(process.env.COLOUR)', { env: { COLOUR: 'green' } })).toBe('green')
})
