import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { askNvidiaSmi, findNvidiaSmi } from './nvidia-smi.js'

/** Where the driver itself tells of its cards, also where its programs are not installed. */
const DRIVER = '/proc/driver/nvidia'

/**
 * The names of the NVIDIA GPUs this process may use, as the driver lists them: through `nvidia-smi`, or by itself where that is not
 * installed. None without a driver, and none when `CUDA_VISIBLE_DEVICES` hides them all.
 */
export function nvidiaGpus(env: NodeJS.ProcessEnv = process.env, driver = DRIVER, places?: readonly string[]): string[] {
  if (['', '-1'].includes(env.CUDA_VISIBLE_DEVICES ?? 'all')) return []
  if (findNvidiaSmi(env, places) === undefined) return cardsOf(driver)
  const listed = askNvidiaSmi(['--query-gpu=name', '--format=csv,noheader'], env, places) ?? ''
  return listed.split('\n').filter((line) => line.trim() !== '')
}

/** The version of NVIDIA's driver, such as `550.54.14`; `undefined` where there is none. */
export function nvidiaDriver(env: NodeJS.ProcessEnv = process.env, driver = DRIVER, places?: readonly string[]): string | undefined {
  const listed = askNvidiaSmi(['--query-gpu=driver_version', '--format=csv,noheader'], env, places)?.split('\n')[0]?.trim()
  if (listed) return listed
  const file = join(driver, 'version')
  return existsSync(file) ? /Kernel Module\D*(\d+\.[\d.]+)/.exec(readFileSync(file, 'utf8'))?.[1] : undefined
}

function cardsOf(driver: string): string[] {
  const folder = join(driver, 'gpus')
  if (!existsSync(folder)) return []
  return readdirSync(folder).sort().flatMap((card) => {
    const file = join(folder, card, 'information')
    return existsSync(file) ? (/^Model:\s*(.+)$/m.exec(readFileSync(file, 'utf8'))?.slice(1) ?? []) : []
  })
}
