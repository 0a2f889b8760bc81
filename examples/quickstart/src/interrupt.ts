/** Says once that the user pressed Ctrl-C; a second Ctrl-C ends the process at once. */
export class Interrupt {
  #requested = false
  readonly #listeners: (() => void)[] = []

  constructor() {
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
  }

  get requested(): boolean {
    return this.#requested
  }

  onRequest(listener: () => void): void {
    this.#listeners.push(listener)
  }

  dispose(): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
  }

  readonly #onSignal = (): void => {
    if (this.#requested) process.exit(130)
    this.#requested = true
    process.stderr.write('\nStopping after this step; the report follows. Press Ctrl-C again to end at once.\n')
    for (const listener of this.#listeners) listener()
  }
}
