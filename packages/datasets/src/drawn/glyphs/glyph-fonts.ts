import type { NpmSource } from '../npm-files.js'

/** A font that draws one image of each class. */
export interface GlyphFont {
  readonly family: string
  /** In the package. */
  readonly file: string
  readonly source: NpmSource
}

/**
 * Package of @expo-google-fonts, version, its face of regular weight, bytes of the package, SHA-256 of the face. Each carries the licence of the font:
 * OFL-1.1, of kosugi-maru Apache-2.0.
 */
const FACES: readonly (readonly [family: string, version: string, file: string, bytes: number, digest: string])[] = [
  ['biz-udgothic', '0.4.0', '400Regular/BIZUDGothic_400Regular.ttf', 6053624, 'e267830408f04daf92858d89477f2df8539c05ee4fe597d13ffdcaa7565b519e'],
  ['biz-udmincho', '0.4.0', '400Regular/BIZUDMincho_400Regular.ttf', 8644357, '21717378e2af006ddf1cc899fe36c7158179b52947e4be71e3e9695eaf5f16db'],
  ['dela-gothic-one', '0.4.1', '400Regular/DelaGothicOne_400Regular.ttf', 1777031, '57986ebf82ac5b5383155483b541d7433121bf395c5621df59b48196a8a99c2e'],
  ['dotgothic16', '0.4.1', '400Regular/DotGothic16_400Regular.ttf', 814385, 'ff706ab702fd4446207c70af564f68b62205c9972f1917f68ba739c61bb6aa18'],
  ['hachi-maru-pop', '0.4.1', '400Regular/HachiMaruPop_400Regular.ttf', 2877580, 'a1460e0fb8608bca3cc74f91605ccdb84f62c9b9808061037b4f5ccaad489a17'],
  ['hina-mincho', '0.4.1', '400Regular/HinaMincho_400Regular.ttf', 2820819, 'ac401c17b92a34550b2335a83328cb1c718b6cc97baaf2bf4cdac4e3c7e9afb5'],
  ['kaisei-decol', '0.4.1', '400Regular/KaiseiDecol_400Regular.ttf', 8250671, '90e69cbad9540f2bf87d939a596d28afac04316e43dbb4ed71eb4016fdb12e72'],
  ['kaisei-tokumin', '0.4.1', '400Regular/KaiseiTokumin_400Regular.ttf', 11245061, 'c76e0c2a580689f06bbaf2da8e7a106c073f7534f4e916874c7b4e9e75ce7390'],
  ['kiwi-maru', '0.4.1', '400Regular/KiwiMaru_400Regular.ttf', 8051042, 'b7f221e14182abb1d624ffd4c91bfb63cadee13c29d7d03d2e430897d3779111'],
  ['klee-one', '0.4.1', '400Regular/KleeOne_400Regular.ttf', 8960216, '344b54a6c74a63bd643f9b644530e7d990a8d54b23529c8663ed4ed5614de4b2'],
  ['kosugi-maru', '0.4.1', '400Regular/KosugiMaru_400Regular.ttf', 2201776, 'ed098a4cf6479a7f07dd351227274bdf5919842dca54f6329aba9b9ae26aa34e'],
  ['m-plus-rounded-1c', '0.4.4', '400Regular/MPLUSRounded1c_400Regular.ttf', 11715391, '20675c35244fe1d0f142c91b13761bbb0cfb4f47e584206ecf07e12cc70fb7db'],
  ['mochiy-pop-one', '0.4.1', '400Regular/MochiyPopOne_400Regular.ttf', 3126114, '804216a2fc04a905af594e2a7514a9bfc55a4276f3c5160ec487d55227669a4d'],
  ['potta-one', '0.4.1', '400Regular/PottaOne_400Regular.ttf', 2809105, '03637458d2ca92a4ce3b3dd089195d9c427944637619a4ae0131c1e238fb4fd2'],
  ['rampart-one', '0.4.1', '400Regular/RampartOne_400Regular.ttf', 2676023, '6988657285dfabd4378d09d388e742b9b305247ae4a64cd3ff600412aa59ee78'],
  ['reggae-one', '0.4.1', '400Regular/ReggaeOne_400Regular.ttf', 1609077, '257f35deef5ace5dbff8c9ffef9ecf21aca4d3fe423909d9d539b7282e056c06'],
  ['rocknroll-one', '0.4.1', '400Regular/RocknRollOne_400Regular.ttf', 1817645, '11c4b43623726ca0021ce228c139643f13a69354706a83910db408613ad8fafc'],
  ['sawarabi-gothic', '0.4.2', '400Regular/SawarabiGothic_400Regular.ttf', 1231702, '18405cef9b30f95202bf371741b7133abecc3893aed5b9f780bd28e886926c11'],
  ['sawarabi-mincho', '0.4.1', '400Regular/SawarabiMincho_400Regular.ttf', 2009764, 'd18bad05a0f40108dba1debea06eb7d6cc5fca87df5d59f9a676ce2c49f10ffb'],
  ['shippori-antique', '0.4.1', '400Regular/ShipporiAntique_400Regular.ttf', 4029433, '88a34f3ef8b17627b4c01f0e17dc8a338f2e8c449282e1a8a4e52dc4ff0f0322'],
  ['stick', '0.4.1', '400Regular/Stick_400Regular.ttf', 1541474, '12d2f2e1208345519aeb3bc63a1c599f5d96ed2dbac54d442987726e12836016'],
  ['yomogi', '0.4.1', '400Regular/Yomogi_400Regular.ttf', 2443378, '8a43b3861f7be6f22863f129ed0962c7e996a3d0a8b9db75284dcec9ffb7c525'],
  ['yuji-mai', '0.4.1', '400Regular/YujiMai_400Regular.ttf', 5129198, '7e4c51c86c95e19a905816d262ebaa171f847a72d4a27c0805764a2d19c58372'],
  ['yuji-syuku', '0.4.1', '400Regular/YujiSyuku_400Regular.ttf', 5087042, '881a876b179ff4930a08fbba624a8cd04ddf4a4ef5dfa679deca36033a0f1ad3'],
  ['yusei-magic', '0.4.2', '400Regular/YuseiMagic_400Regular.ttf', 1648446, '972e3a23b22a88f67f5ccd37ff6129fefa08cb689a65e8cb3e53425fa55bcac9'],
  ['zen-kaku-gothic-new', '0.4.1', '400Regular/ZenKakuGothicNew_400Regular.ttf', 7555497, 'd6f634635d95bfbdbb182cb66c51761bd91acfad0726cdba46ef44dcfde2679e'],
  ['zen-kurenaido', '0.4.1', '400Regular/ZenKurenaido_400Regular.ttf', 2249371, '89b7253fed71b11215c28f3c9b6415daded3765dd0cb417e52208db05edb96b7'],
  ['zen-maru-gothic', '0.4.1', '400Regular/ZenMaruGothic_400Regular.ttf', 11159696, 'd1e5d9a182b5a6a64609ce237a3d44cd9a7eee588b74893b3ebe2c90caaac11d'],
]

/** The 28 Japanese families of {@link glyphs}: 130 MB as they are fetched, of which one face each is kept. */
export const GLYPH_FONTS: readonly GlyphFont[] = FACES.map(([family, version, file, bytes, digest]) => ({
  family,
  file,
  source: { name: `@expo-google-fonts/${family}`, version, bytes, files: { [file]: digest } },
}))
