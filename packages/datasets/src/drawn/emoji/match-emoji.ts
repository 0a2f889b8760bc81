/** Drawings of one vendor, as Iconify packs them. */
export interface IconSet {
  readonly width: number
  readonly height: number
  readonly icons: Readonly<Record<string, Icon>>
  readonly aliases?: Readonly<Record<string, { readonly parent: string; readonly hFlip?: boolean }>>
  /** Name by code points, `1f600` or `2764-fe0f`; empty where the vendor's package has none. */
  readonly chars: Readonly<Record<string, string>>
}

/** One drawing: the inside of an SVG. */
export interface Icon {
  readonly body: string
  readonly width?: number
  readonly height?: number
  readonly left?: number
  readonly top?: number
}

/** What Unicode calls an emoji. */
export interface EmojiName {
  readonly label: string
  readonly hexcode: string
  /** In the Common Locale Data Repository; those without are parts of others. */
  readonly order?: number
}

/** Code points by names of one kind, of which one may stand for several. */
type Names = Map<string, Set<string>>

/** An emoji of one code point, and its drawings. */
export interface EmojiClass {
  readonly label: string
  /** Name of the icon or alias of each set; `undefined` where it has none. */
  readonly icons: readonly (string | undefined)[]
}

/**
 * Which drawings of the sets are of the same emoji. Classes are emoji of one code point, in the order of the Common Locale Data Repository:
 * none that are joined, of a skin tone, or pairs of letters (flags of countries).
 *
 * A set with code points is taken by these. Of the others a drawing is taken by its name, then by its aliases: as sets with code points have it,
 * then as Unicode's label, then as a shortcode. A name that stands for several emoji at the first of these that knows it is dropped, and
 * so are two drawings of a set that claim one emoji alike.
 *
 * @param shortcodes name or names by code points, several lists of them
 * @param atLeast drawings that a class must have; those with fewer are left out
 */
export function matchEmoji(
  sets: readonly IconSet[],
  names: readonly EmojiName[],
  shortcodes: readonly Readonly<Record<string, string | readonly string[]>>[],
  atLeast: number,
): EmojiClass[] {
  const tiers: readonly Names[] = [namesOfSets(sets), namesOf(names.map(({ hexcode, label }) => [hexcode, label])), namesOf(shortcodes.flatMap((list) => Object.entries(list)))]
  const claims = sets.map((set) => (Object.keys(set.chars).length > 0 ? byCodePoint(set) : byName(set, tiers)))
  return names
    .filter(({ order, hexcode }) => order !== undefined && !codePoints(hexcode).includes('-'))
    .sort((a, b) => a.order! - b.order!)
    .map(({ label, hexcode }) => ({ label, icons: claims.map((claim) => claim.get(codePoints(hexcode))) }))
    .filter(({ icons }) => icons.filter((icon) => icon !== undefined).length >= atLeast)
}

/** In small letters, without the sign that asks for a picture. */
const codePoints = (hexcode: string) => hexcode.toLowerCase().replaceAll('-fe0f', '')

/** Sets join the words of a name with hyphens, underscores, or nothing. */
const plain = (name: string) => name.normalize('NFD').toLowerCase().replace(/[^a-z0-9]/g, '')

function namesOf(entries: readonly (readonly [hexcode: string, names: string | readonly string[]])[]): Names {
  const found: Names = new Map()
  for (const [hexcode, names] of entries) {
    for (const name of [names].flat()) {
      const key = plain(name)
      if (key === '') continue
      const of = found.get(key) ?? new Set()
      found.set(key, of.add(codePoints(hexcode)))
    }
  }
  return found
}

/** An alias that mirrors its parent is another emoji. */
function namesOfSets(sets: readonly IconSet[]): Names {
  return namesOf(
    sets.flatMap(({ chars, aliases = {} }) => {
      const hexcodes = new Map(Object.entries(chars).map(([hexcode, name]) => [name, hexcode]))
      const further = Object.entries(aliases).flatMap(([name, { parent, hFlip }]) => (!hFlip && hexcodes.has(parent) ? [[hexcodes.get(parent)!, name] as const] : []))
      return [...Object.entries(chars), ...further]
    }),
  )
}

function byCodePoint({ chars, icons, aliases = {} }: IconSet): Map<string, string> {
  const known = Object.entries(chars).filter(([, name]) => Object.hasOwn(icons, name) || Object.hasOwn(aliases, name))
  return new Map(known.map(([hexcode, name]) => [codePoints(hexcode), name]))
}

function byName({ icons, aliases = {} }: IconSet, tiers: readonly Names[]): Map<string, string> {
  const further = new Map<string, string[]>()
  for (const [name, { parent, hFlip }] of Object.entries(aliases)) if (!hFlip) further.set(parent, [...(further.get(parent) ?? []), name])
  const claimed = new Map<string, { readonly icon: string; readonly rank: number; readonly isTie: boolean }>()
  for (const icon of Object.keys(icons)) {
    const claim = claimOf([[icon], further.get(icon) ?? []], tiers)
    if (!claim) continue
    const before = claimed.get(claim.hexcode)
    if (!before || claim.rank < before.rank) claimed.set(claim.hexcode, { icon, rank: claim.rank, isTie: false })
    else if (claim.rank === before.rank) claimed.set(claim.hexcode, { ...before, isTie: true })
  }
  return new Map([...claimed].filter(([, { isTie }]) => !isTie).map(([hexcode, { icon }]) => [hexcode, icon]))
}

/** What the first kind of name says that knows one of the names, unless it says several. */
function claimOf(nameLists: readonly (readonly string[])[], tiers: readonly Names[]): { hexcode: string; rank: number } | undefined {
  for (const [i, names] of nameLists.entries()) {
    for (const [j, tier] of tiers.entries()) {
      const [hexcode, ...others] = new Set(names.flatMap((name) => [...(tier.get(plain(name)) ?? [])]))
      if (hexcode !== undefined) return others.length === 0 ? { hexcode, rank: i * tiers.length + j } : undefined
    }
  }
  return undefined
}
