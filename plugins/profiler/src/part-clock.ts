import { OperationTotals } from './operation-totals.js'
import type { LibraryTime, PartTime } from './profile-summary.js'

/** Adds up the time of one part of a run. */
export class PartClock {
  readonly operations = new OperationTotals()
  #total = 0
  #graphs = 0
  #transfers = 0
  #reads = 0

  /** Milliseconds that passed in this part. */
  add(milliseconds: number): void {
    this.#total += milliseconds
  }

  addLibrary(kind: Exclude<keyof LibraryTime, 'operations'>, milliseconds: number): void {
    if (kind === 'graphs') this.#graphs += milliseconds
    else if (kind === 'transfers') this.#transfers += milliseconds
    else this.#reads += milliseconds
  }

  time(): PartTime {
    const library = {
      operations: this.operations.milliseconds,
      graphs: this.#graphs,
      transfers: this.#transfers,
      reads: this.#reads,
    }
    const inside = library.operations + library.graphs + library.transfers + library.reads
    return { total: this.#total, library, host: Math.max(0, this.#total - inside) }
  }
}
