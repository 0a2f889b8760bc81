import { spawn } from 'node:child_process'
import { findNvidiaSmi } from '@metric-learning/backend'
import { askGpu, type Gpu } from './find-gpu.js'

/** What a card did during a turn. */
export interface GpuReading {
  /** Mean percentage of the timed steps in which a kernel ran, as `nvidia-smi` has it; NaN when they were too short. */
  readonly utilisation: number
  /** The most memory in use, beyond what was before the turn. */
  readonly memoryMiB: number
}

/** How often the card is asked, in milliseconds. */
const PERIOD = 100

/** Watches a card during one turn, through `nvidia-smi`. Make it before the turn starts. */
export class GpuMeter {
  readonly #before: number
  readonly #child
  #isTiming = false
  #most = NaN
  readonly #utilisations: number[] = []

  constructor({ id }: Gpu) {
    this.#before = Number(askGpu(id, ['memory.used'])?.[0] ?? NaN)
    const query = [`--id=${id}`, '--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits', `--loop-ms=${PERIOD}`]
    this.#child = spawn(findNvidiaSmi() ?? 'nvidia-smi', query, { stdio: ['ignore', 'pipe', 'ignore'] })
    let rest = ''
    this.#child.stdout.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split('\n')
      rest = lines.pop()!
      for (const line of lines) this.#read(line)
    })
  }

  /** The most memory in use so far, beyond what was before the turn. */
  get memoryMiB(): number {
    return this.#most - this.#before
  }

  /** The timed steps begin. */
  begin(): void {
    this.#isTiming = true
  }

  /** The turn is over. */
  end(): GpuReading {
    this.#child.kill()
    const sum = this.#utilisations.reduce((total, value) => total + value, 0)
    return { utilisation: sum / this.#utilisations.length, memoryMiB: this.memoryMiB }
  }

  #read(line: string): void {
    const [utilisation, memory] = line.split(', ').map(Number) as [number, number]
    if (this.#isTiming && !Number.isNaN(utilisation)) this.#utilisations.push(utilisation)
    if (!(memory <= this.#most)) this.#most = memory
  }
}
