/** One line of the timeline. */
const TRACK = { training: 1, tensorflow: 2 } as const
export type Track = keyof typeof TRACK

/** An event of the Trace Event Format: times in microseconds. */
export interface TraceEvent {
  readonly name: string
  /** `X`: something with a duration; `C`: values at a moment; `M`: how a process or track is called. */
  readonly ph: 'X' | 'C' | 'M'
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly cat?: string
  readonly args?: Readonly<Record<string, string | number>>
}

/** A trace as it is written. */
export interface TraceFile {
  readonly traceEvents: readonly TraceEvent[]
  readonly displayTimeUnit: 'ms'
}

/** What happened when, for chrome://tracing and Perfetto. Times are milliseconds of `performance.now()`. */
export class Trace {
  readonly #events: TraceEvent[] = []
  #left: number
  #untraced = 0

  /**
   * @param origin what is 0 in the trace
   * @param most spans and readings that it takes; those beyond are counted
   */
  constructor(
    private readonly origin: number,
    most: number,
  ) {
    this.#left = most
    this.#name('process_name', 0, 'metric-learning')
    this.#name('thread_name', TRACK.training, 'training')
    this.#name('thread_name', TRACK.tensorflow, 'TensorFlow')
  }

  /** Something that lasted from `start` to `end`. */
  span(track: Track, category: string, name: string, start: number, end: number, args?: TraceEvent['args']): void {
    const ts = this.#microseconds(start)
    this.#add({
      name,
      cat: category,
      ph: 'X',
      pid: 1,
      tid: TRACK[track],
      ts,
      dur: this.#microseconds(end) - ts,
      ...(args && { args }),
    })
  }

  /** Values at a moment. */
  counter(name: string, at: number, values: Readonly<Record<string, number>>): void {
    this.#add({ name, ph: 'C', pid: 1, tid: 0, ts: this.#microseconds(at), args: values })
  }

  /** Spans and readings that it had no room for. */
  get untraced(): number {
    return this.#untraced
  }

  /** JSON Object Format of https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. */
  file(): TraceFile {
    return { traceEvents: this.#events, displayTimeUnit: 'ms' }
  }

  #add(event: TraceEvent): void {
    if (this.#left === 0) {
      this.#untraced += 1
      return
    }
    this.#left -= 1
    this.#events.push(event)
  }

  #name(name: string, tid: number, value: string): void {
    this.#events.push({ name, ph: 'M', pid: 1, tid, ts: 0, args: { name: value } })
  }

  /** To a hundredth, which keeps spans that lie within each other that way, and the file small. */
  #microseconds(milliseconds: number): number {
    return Math.round((milliseconds - this.origin) * 1e5) / 100
  }
}
