/** The name of the node from which an input comes: `Add_3` for `Add_3:0` and for `^Add_3`. */
export function producer(source: string): string {
  return source.replace(/^\^/, '').replace(/:\d+$/, '')
}
