import type { NpmSource } from '../npm-files.js'

/** One vendor's drawings, as the Iconify JSON `icons.json`, and their code points in `chars.json`, where there are any. */
export interface EmojiSet {
  readonly vendor: string
  readonly source: NpmSource
}

/** Package of @iconify-json, version, bytes of the package, SHA-256 of icons.json and of chars.json. */
const SETS: readonly (readonly [vendor: string, version: string, bytes: number, icons: string, chars: string])[] = [
  ['noto', '1.2.9', 3102958, '9eac6ef4e7ec122b6f0e7ac281d61008afdbc720d0ce861e398b939daaa347c6', '91485653ca890bff640f2a6c2d7be62d625a90527b6b4d816b41593675bf5c8f'],
  ['noto-v1', '1.2.5', 1587591, 'ce70d8aa90345cf389875c3571ecd245bd943401822a0c5a0f62336bf8487333', 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356'],
  ['twemoji', '1.2.5', 1555888, '5d5d820790565b764f2728675d487c9ee4c1fc83916d8567d5aca8ba7527c242', '8e6a83d5a3ac185b2446154b9c4ee07c983bd4a5b2a21aa4b9ff04af9831eefe'],
  ['fluent-emoji-flat', '1.2.6', 1172438, 'f5f4cf457c0db2ad5a2e42e033e02e0c87d10e43d0164cfffb3bb84914970a63', '7f084c5a95807edb4702a7c9f6f18e74d59026d1c34ceb8cae85df0b9a9f0a10'],
  ['fluent-emoji-high-contrast', '1.2.6', 1054969, 'c522fb74fef65ccef67b38dfdbf0f3dcd4353339e4b8faec4aa45faf83ed4739', '009b82ac0bb2dea23b6f969c223ceff3536de326b259594d7e3dff63318bf1b7'],
  ['emojione', '1.2.3', 687690, 'e9a865faed523a7c3535b5319ae533d09fac1a62b4e96920eb178bb60e707e80', 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356'],
  ['emojione-monotone', '1.2.1', 1094642, '7b5627535a13e2aac637dcb8817e65554266da1682b3867050eff3db9862d072', 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356'],
  ['fxemoji', '1.2.2', 1034876, 'd8ef67b94a32d0abcd314d1c35db56178eaa8fa8ad71130e312f3460e307c2bf', 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356'],
]

/** The eight vendors of {@link emoji}: Apache-2.0, MIT or CC BY 4.0, none that asks to share alike. */
export const EMOJI_SETS: readonly EmojiSet[] = SETS.map(([vendor, version, bytes, icons, chars]) => ({
  vendor,
  source: { name: `@iconify-json/${vendor}`, version, bytes, files: { 'icons.json': icons, 'chars.json': chars } },
}))

/** Names of emoji and their order in the Common Locale Data Repository. */
export const EMOJI_NAMES: NpmSource = {
  name: 'emojibase-data',
  version: '17.0.0',
  bytes: 6711091,
  files: {
    'en/data.json': 'ed014f1049bd370c5794f815850156196ac382850f51c3e9f6a9e83553fb3f01',
    'en/shortcodes/cldr.json': '62577c7290e5335b9c80ef5d598eef8b743d4505a7d222e865b9df04ade4d564',
    'en/shortcodes/emojibase.json': 'db3d41edf2f190bcb81bf171a51b1f889af774eed5dc24d21ad8dfcb998b40d3',
    'en/shortcodes/github.json': 'd6bb7101e7bab1e52b30f4b3562da2319b484a6266352a1119f0d1ba52db23db',
    'en/shortcodes/iamcal.json': 'b1952bd90cb8580224434eaf8f1911265d23a78c7ed36f39f8590c90847443eb',
    'en/shortcodes/joypixels.json': '71c0608ffb9715b0bcd7dcc5001218fee07ddbd95635e328a392b9cc07a70ab8',
  },
}
