import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BackendError } from '@metric-learning/contracts'
import { runCommand } from './run-command.js'

/** What a working backend reports of its test. */
export interface SmokeTestReport {
  /** TensorFlow's device: `GPU` or `CPU`. */
  readonly device: 'GPU' | 'CPU'
  /** The median time of a convolution (8 images of 14 x 14 x 16, 16 filters of 3 x 3) with its gradients. */
  readonly milliseconds: number
}

/**
 * Runs a convolution and its gradients on an addon, in a process of its own: a library that does not fit
 * the machine may end the process that loads it.
 *
 * @throws {BackendError} when the process dies or the numbers are wrong.
 */
export async function smokeTest(addon: string, useGpu: boolean): Promise<SmokeTestReport> {
  const self = fileURLToPath(import.meta.url)
  const program = fileURLToPath(new URL(`./smoke-test-program${extname(self)}`, import.meta.url))
  const { code, ending, output } = await runCommand(process.execPath, [...process.execArgv, program, addon], {
    env: { ...process.env, ...(useGpu ? {} : { CUDA_VISIBLE_DEVICES: '-1' }) },
  })
  const report = output.split('\n').find((line) => line.startsWith('{"device"'))
  if (code !== 0 || report === undefined) {
    const lines = output.trim().split('\n')
    const said = (lines.find((line) => /error/i.test(line)) ?? lines.at(-1))?.trim()
    throw new BackendError({
      who: 'native set-up',
      wanted: 'the new addon to pass a convolution with gradients',
      got: code === null || !said ? `a process that ended by ${ending}${said ? `: ${said}` : ''}` : said,
      fix:
        ending === 'signal SIGILL'
          ? 'The library wants a processor with AVX; use the wasm backend here.'
          : 'Remove the cache folder and run the set-up again; `doctor` shows what is there.',
      cause: output,
    })
  }
  return JSON.parse(report) as SmokeTestReport
}
