import { constants } from 'node:os'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
type StopSignal = (typeof SIGNALS)[number]

/** Listens to the signals that ask a process to end: the first one is told, a second one ends the process at once. */
export class StopSignals {
  #listener: ((signal: StopSignal) => void) | undefined
  #isTold = false

  /** @param tell what the first signal does */
  constructor(private readonly tell: (signal: StopSignal) => void) {}

  /** Begins to listen, unless it does. */
  listen(): void {
    if (this.#listener) return
    this.#isTold = false
    this.#listener = (signal) => {
      // As a shell says of a process that a signal ended: 130 of SIGINT, 143 of SIGTERM.
      if (this.#isTold) process.exit(128 + constants.signals[signal])
      this.#isTold = true
      this.tell(signal)
    }
    for (const signal of SIGNALS) process.on(signal, this.#listener)
  }

  /** Leaves the signals to others. */
  end(): void {
    if (!this.#listener) return
    for (const signal of SIGNALS) process.off(signal, this.#listener)
    this.#listener = undefined
  }
}
