/** Lines of Node itself, of the recorder, and of tfjs: where it is installed, and where source maps say that it was written. */
const NOT_THE_CALLER = /node:|[/\\](caller-line|graph-recorder)\.[cm]?[jt]s|@tensorflow|[/\\]tfjs(-[\w-]+)?[/\\](src|dist)[/\\]/

/**
 * The line of code, outside tfjs and the recorder, from which the current call comes; `undefined` when there is none.
 *
 * @param stack of an error that was made here
 */
export function callerLine(stack = new Error().stack ?? ''): string | undefined {
  const line = stack.split('\n').slice(1).find((text) => !NOT_THE_CALLER.test(text))
  return line?.trim().replace(/^at /, '')
}
