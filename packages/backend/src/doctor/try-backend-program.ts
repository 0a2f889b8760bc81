import type { BackendInfo } from '../backend-info.js'
import { useBackend } from '../use-backend.js'
import { timeConvolution } from './time-convolution.js'
import type { BackendTrial } from './try-backend.js'

async function trial(name: BackendInfo['name']): Promise<BackendTrial> {
  try {
    const { device } = await useBackend(name, { log: () => undefined })
    return { works: true, milliseconds: await timeConvolution(), device }
  } catch (error) {
    return { works: false, reason: error instanceof Error ? error.message : String(error) }
  }
}

process.stdout.write(`${JSON.stringify(await trial(process.argv[2] as BackendInfo['name']))}\n`)
