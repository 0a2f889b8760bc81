// Makes data/op-definitions.json from a serialised OpList (see dump-op-definitions.py):
// for each operation, how the attributes that eager execution leaves out follow from the inputs.
//
// usage: node scripts/make-op-definitions.mjs OPLIST OUTPUT
import { readFileSync, writeFileSync } from 'node:fs'
import protobuf from 'protobufjs'

const { root } = protobuf.parse(`
  syntax = "proto3";
  message ArgDef { string name = 1; int32 type = 3; string type_attr = 4; string number_attr = 5; string type_list_attr = 6; }
  message OpDef { string name = 1; repeated ArgDef input_arg = 2; repeated ArgDef output_arg = 3; }
  message OpList { repeated OpDef op = 1; }
`, { keepCase: true })

const [, , input, output] = process.argv
const { op: operations } = root.lookupType('OpList').toObject(root.lookupType('OpList').decode(readFileSync(input)), { arrays: true })

/** `T` one tensor, `N*T` so many of one type, `*T` a list of types, empty: nothing to infer. */
const rule = ({ type_attr: type = '', number_attr: count, type_list_attr: list }) =>
  list ? `*${list}` : count ? `${count}*${type}` : type

const lines = operations
  .map(({ name, input_arg: inputs }) => [name, inputs.map(rule)])
  .filter(([, rules]) => rules.some(Boolean))
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, rules]) => `  ${JSON.stringify(name)}: ${JSON.stringify(rules.join(' ')) === '""' ? '""' : JSON.stringify(rules.join(','))}`)
writeFileSync(output, `{\n${lines.join(',\n')}\n}\n`)
console.log(`${lines.length} of ${operations.length} operations`)
