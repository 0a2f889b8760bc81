import { expect, it } from 'vitest'
import { runCommand } from './run-command.js'

it('says how a command ended: by a code, by a signal, or not at all', async () => {
  const run = (program: string) => runCommand(process.execPath, ['-e', program])
  expect(await run('console.log(1); process.exit(3)')).toEqual({ code: 3, ending: 'exit code 3', output: '1\n' })
  expect(await run("process.kill(process.pid, 'SIGILL'); setTimeout(() => {}, 60000)")).toMatchObject({ code: null, ending: 'signal SIGILL' })
  expect(await runCommand('/no/such/program', [])).toMatchObject({ code: undefined, ending: expect.stringContaining('ENOENT') as string })
})
