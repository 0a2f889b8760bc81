import { turnOfEventLoop } from '@metric-learning/ops'

export interface RequestBatcherOptions<Request, Answer> {
  /** Answers some requests, in their order. What it throws, all of them get. */
  readonly answer: (requests: readonly Request[]) => Promise<readonly Answer[]>
  /** Whether a request may be answered together with another. */
  readonly goTogether: (one: Request, other: Request) => boolean
  /** What a request counts. */
  readonly sizeOf: (request: Request) => number
  /** What requests that are answered together may count in all; a larger one is answered alone. */
  readonly limit: number
}

interface Waiting<Request, Answer> {
  readonly request: Request
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Answers requests batch by batch: what waits while one batch is under way, and goes together, is the next. None waits for one that came later. */
export class RequestBatcher<Request, Answer> {
  readonly #waiting: Waiting<Request, Answer>[] = []
  #isRunning = false

  constructor(private readonly options: RequestBatcherOptions<Request, Answer>) {}

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject })
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      // Who asks in the same turn is answered in the same batch.
      await turnOfEventLoop()
      const batch = this.#take()
      try {
        const answers = await this.options.answer(batch.map(({ request }) => request))
        batch.forEach(({ resolve }, i) => {
          resolve(answers[i]!)
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#isRunning = false
  }

  #take(): readonly Waiting<Request, Answer>[] {
    const { goTogether, sizeOf, limit } = this.options
    const first = this.#waiting[0]!
    let count = 0
    let size = 0
    for (const { request } of this.#waiting) {
      size += sizeOf(request)
      if (count > 0 && (size > limit || !goTogether(first.request, request))) break
      count++
    }
    return this.#waiting.splice(0, count)
  }
}
