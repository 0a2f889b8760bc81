/**
 * What plain data has to look like: text, a number (also as `null`, `"NaN"`, `"Infinity"`: JSON has no other way to say them), a flag;
 * a list of one shape; values of one shape by any name (`'*'`); fields by name, those that end in `?` may be missing. Fields that are
 * not named are left out.
 */
export type Shape = 'text' | 'number' | 'flag' | readonly [Shape] | { readonly [field: string]: Shape }

/**
 * Plain data in a shape, with its numbers as numbers; `undefined` is never in it.
 *
 * @param complain takes a place, such as `epochs[2].steps`, what was wanted there and what is there; it throws
 */
export function conform(value: unknown, shape: Shape, complain: (place: string, wanted: string, value: unknown) => never, place = ''): unknown {
  if (shape === 'number') return typeof value === 'number' ? value : numberOf(value) ?? complain(place, 'a number', value)
  if (shape === 'text') return typeof value === 'string' ? value : complain(place, 'a text', value)
  if (shape === 'flag') return typeof value === 'boolean' ? value : complain(place, 'true or false', value)
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return complain(place, 'a list', value)
    return value.map((item, i) => conform(item, shape[0] as Shape, complain, `${place}[${i}]`))
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return complain(place, 'an object', value)
  const given = value as Readonly<Record<string, unknown>>
  const fields = shape as Readonly<Record<string, Shape>>
  const wanted = '*' in fields ? Object.keys(given).map((name) => [name, fields['*']!] as const) : Object.entries(fields)
  return Object.fromEntries(
    wanted.flatMap(([name, inner]) => {
      const field = name.replace(/\?$/, '')
      if (field !== name && given[field] === undefined) return []
      return [[field, conform(given[field], inner, complain, place === '' ? field : `${place}.${field}`)]]
    }),
  )
}

function numberOf(value: unknown): number | undefined {
  if (value === null || value === 'NaN') return NaN
  return value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}
