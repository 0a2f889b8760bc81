import { fileURLToPath } from 'node:url'
import { runForJson, sourceProgram, threads } from '@metric-learning/peer'
import type { Side } from './side.js'
import { TIMING, type Turn, type TurnRequest, type Work } from './turn.js'

const here = fileURLToPath(new URL('..', import.meta.url))

export interface TurnOptions {
  /** Has PyTorch and PyTorch Metric Learning. */
  readonly python: string
  /** When a turn is given up. */
  readonly seconds: number
  /** Added to the environment of the process. */
  readonly env?: Readonly<Record<string, string>>
  /** Called when its warm-up is over. */
  readonly onTiming?: () => void
}

/** A turn of one side, in a process of its own. */
export function takeTurn(side: Side, { net, ...work }: Work, { python, seconds, env = {}, onTiming }: TurnOptions): Promise<Turn> {
  const { name, batch, imageSize, channels } = net
  const request: TurnRequest = { ...work, net: name, batch, imageSize, channels, compile: side.compile, threads }
  const [command, program] =
    side.library === 'ours'
      ? [process.execPath, sourceProgram(`${here}src/our-turn.ts`)]
      : [python, [`${here}python/step_peer.py`]]
  const onLine = (line: string) => {
    if (line === TIMING) onTiming?.()
  }
  return runForJson<Turn>(command, [...program, JSON.stringify(request)], { seconds, env, onLine })
}
