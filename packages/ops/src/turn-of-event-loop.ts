/**
 * Lets the event loop have a turn, so that signals, timers and files come to be heard in the midst of long work. Waiting for a tensor
 * is no such turn where the backend has it at once.
 */
export const turnOfEventLoop = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve)
  })
