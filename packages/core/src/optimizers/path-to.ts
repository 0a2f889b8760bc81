/**
 * The path that holds for a parameter: of those that lead to it the longest, and of equally long ones that which names a part where the
 * other has `*`, from left to right; `undefined` where none does.
 *
 * @param paths such as `trunk`, `trunk.blocks.0`, `trunk.blocks.*.norm`, where `*` is any one part
 * @param parameter its name in `trainer.parameters`, such as `trunk.blocks.0.conv.weight`
 */
export function pathTo(parameter: string, paths: Iterable<string>): string | undefined {
  const parts = parameter.split('.')
  const leading = [...paths].filter((path) => path.split('.').every((part, i) => part === parts[i] || (part === '*' && parts[i] !== undefined)))
  return leading.sort(bySpecificity)[0]
}

function bySpecificity(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')]
  if (left.length !== right.length) return right.length - left.length
  const i = left.findIndex((part, at) => (part === '*') !== (right[at] === '*'))
  return i < 0 ? 0 : left[i] === '*' ? 1 : -1
}
