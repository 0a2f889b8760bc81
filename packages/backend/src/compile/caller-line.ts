/** The line of code, outside tfjs and the recorder, from which the current call comes; `undefined` when there is none. */
export function callerLine(): string | undefined {
  const lines = new Error().stack?.split('\n').slice(1) ?? []
  const line = lines.find((text) => !/@tensorflow|graph-recorder\.|caller-line\.|node:/.test(text))
  return line?.trim().replace(/^at /, '')
}
