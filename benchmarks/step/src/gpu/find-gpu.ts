import { askNvidiaSmi, findNvidiaSmi } from '@metric-learning/backend'
import { BackendError } from '@metric-learning/contracts'

/** The card that is measured. */
export interface Gpu {
  /** As nvidia-smi takes it: a number in the order of the bus, or a UUID. */
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly memoryMiB: number
}

/** What `nvidia-smi` says about a card, as the fields of its one line; undefined when it says nothing. */
export function askGpu(id: string, fields: readonly string[]): string[] | undefined {
  const query = [`--id=${id}`, `--query-gpu=${fields.join()}`, '--format=csv,noheader,nounits']
  return askNvidiaSmi(query)?.trim().split(', ')
}

/** Who wants a card, and what to do without one. */
export interface Asker {
  readonly who: string
  readonly fix: string
}

const BENCH_GPU: Asker = {
  who: 'bench:gpu',
  fix: "It needs a card and NVIDIA's driver, 580 or later. To try the benchmark without: `-- --device cpu --nets convnet-16 --batches 8`.",
}

/**
 * The first NVIDIA GPU that this process may use.
 *
 * @throws {BackendError} when there is none.
 */
export function findGpu(env: NodeJS.ProcessEnv = process.env, { who, fix }: Asker = BENCH_GPU): Gpu {
  const visible = env['CUDA_VISIBLE_DEVICES'] ?? '0'
  const id = visible.split(',')[0]!.trim()
  const answer = ['', '-1'].includes(id) ? undefined : askGpu(id, ['name', 'driver_version', 'memory.total'])
  if (answer) return { id, name: answer[0]!, driver: answer[1]!, memoryMiB: Number(answer[2]) }
  const why = findNvidiaSmi() === undefined ? '`nvidia-smi` is not there' : '`nvidia-smi` lists no GPU'
  const got = env['CUDA_VISIBLE_DEVICES'] === undefined ? `none (${why})` : `none with CUDA_VISIBLE_DEVICES='${visible}'`
  throw new BackendError({ who, wanted: 'an NVIDIA GPU', got, fix })
}

/** The environment in which both libraries see this card only. */
export function onlyGpu({ id }: Gpu): Record<string, string> {
  return { CUDA_VISIBLE_DEVICES: id, CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }
}
