import { expect, it } from 'vitest'
import { ProcessError, runProcess } from './run-process.js'

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

it('adds to the environment', async () => {
  expect(await node('process.stdout.write(process.env.COLOUR)', { env: { COLOUR: 'green' } })).toBe('green')
})
