import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'

const module = new URL('../../run-program.mjs', import.meta.url).href
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-program-'))
  return () => rmSync(folder, { recursive: true })
})

/** As the commands of the checkout run a program. */
function run(source: string) {
  const program = join(folder, 'program.mts')
  writeFileSync(program, source)
  return spawnSync(process.execPath, ['--input-type=module', '-e', `import { runProgram } from '${module}'; runProgram('${program}', [])`], { encoding: 'utf8' })
}

it('says by which signal a program was ended, and passes codes on', () => {
  expect(run("process.kill(process.pid, 'SIGILL'); setTimeout(() => {}, 60000)")).toMatchObject({
    status: 132,
    stderr: `${folder}/program.mts was ended by signal SIGILL\n`,
  })
  expect(run('process.exitCode = 3')).toMatchObject({ status: 3, stderr: '' })
})
