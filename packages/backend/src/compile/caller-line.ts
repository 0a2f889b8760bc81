/** The line of code, outside tfjs and this folder, from which the current call comes; `undefined` when there is none. */
export function callerLine(): string | undefined {
  const lines = new Error().stack?.split('\n').slice(1) ?? []
  const own = new URL('.', import.meta.url).pathname
  const line = lines.find((text) => !text.includes('@tensorflow') && !text.includes(own) && !text.includes('node:'))
  return line?.trim().replace(/^at /, '')
}
