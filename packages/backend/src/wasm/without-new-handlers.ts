const EVENTS = ['uncaughtException', 'unhandledRejection'] as const

/** As Emscripten writes them: `ex=>{if(!(ex instanceof ExitStatus))throw ex}`, and `reason=>{throw reason}` in all its forms. */
const OF_EMSCRIPTEN = /instanceof ExitStatus|\{\s*throw \w+;?\s*\}/

/**
 * Runs `work`, and takes away the handlers of uncaught errors that Emscripten's start-up has put up meanwhile. They throw each error
 * again from a file that is one line of 38 KB, which Node then prints before the message. Handlers of others stay.
 */
export async function withoutNewHandlers<T>(work: () => Promise<T>): Promise<T> {
  const before = EVENTS.map((event) => new Set(process.listeners(event as 'uncaughtException')))
  try {
    return await work()
  } finally {
    EVENTS.forEach((event, i) => {
      for (const handler of process.listeners(event as 'uncaughtException')) {
        if (!before[i]!.has(handler) && OF_EMSCRIPTEN.test(String(handler))) process.off(event, handler)
      }
    })
  }
}
