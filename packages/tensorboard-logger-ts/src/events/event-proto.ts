import protobuf from 'protobufjs/light.js'

/**
 * The parts of TensorFlow's published messages that TensorBoard reads, with their field numbers.
 *
 * @see tensorflow/core/util/event.proto, tensorflow/core/framework/{summary,histogram,tensor,tensor_shape}.proto
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary', 'sessionLog'] } },
      fields: {
        wallTime: { id: 1, type: 'double' },
        step: { id: 2, type: 'int64' },
        fileVersion: { id: 3, type: 'string' },
        summary: { id: 5, type: 'Summary' },
        sessionLog: { id: 7, type: 'SessionLog' },
      },
    },
    SessionLog: { fields: { status: { id: 1, type: 'int32' } } },
    Summary: { fields: { value: { id: 1, rule: 'repeated', type: 'Value' } } },
    Value: {
      oneofs: { value: { oneof: ['simpleValue', 'image', 'histo', 'tensor'] } },
      fields: {
        tag: { id: 1, type: 'string' },
        simpleValue: { id: 2, type: 'float' },
        image: { id: 4, type: 'Image' },
        histo: { id: 5, type: 'HistogramProto' },
        tensor: { id: 8, type: 'TensorProto' },
        metadata: { id: 9, type: 'SummaryMetadata' },
      },
    },
    Image: {
      fields: {
        height: { id: 1, type: 'int32' },
        width: { id: 2, type: 'int32' },
        colorspace: { id: 3, type: 'int32' },
        encodedImageString: { id: 4, type: 'bytes' },
      },
    },
    HistogramProto: {
      fields: {
        min: { id: 1, type: 'double' },
        max: { id: 2, type: 'double' },
        num: { id: 3, type: 'double' },
        sum: { id: 4, type: 'double' },
        sumSquares: { id: 5, type: 'double' },
        bucketLimit: { id: 6, rule: 'repeated', type: 'double', options: { packed: true } },
        bucket: { id: 7, rule: 'repeated', type: 'double', options: { packed: true } },
      },
    },
    TensorProto: {
      fields: {
        dtype: { id: 1, type: 'int32' },
        tensorShape: { id: 2, type: 'TensorShapeProto' },
        stringVal: { id: 8, rule: 'repeated', type: 'bytes' },
      },
    },
    TensorShapeProto: { fields: { dim: { id: 2, rule: 'repeated', type: 'Dim' } } },
    Dim: { fields: { size: { id: 1, type: 'int64' } } },
    SummaryMetadata: {
      fields: { pluginData: { id: 1, type: 'PluginData' }, dataClass: { id: 4, type: 'int32' } },
    },
    PluginData: { fields: { pluginName: { id: 1, type: 'string' }, content: { id: 2, type: 'bytes' } } },
  },
})

const Event = root.lookupType('Event')

/** `SummaryMetadata.data_class`. */
export const DATA_CLASS = { scalar: 1, tensor: 2, blobSequence: 3 } as const

/** `TensorProto.dtype` of float32. */
export const DT_FLOAT = 1

/** `TensorProto.dtype` of strings. */
export const DT_STRING = 7

/** `SessionLog.status` of a process that starts. */
export const SESSION_START = 1

/** Which page of TensorBoard shows a value. */
export interface SummaryMetadata {
  readonly pluginData: { readonly pluginName: string; readonly content?: Uint8Array }
  readonly dataClass: number
}

export interface HistogramProto {
  readonly min: number
  readonly max: number
  readonly num: number
  readonly sum: number
  readonly sumSquares: number
  /** Right edge of each bucket, ascending. */
  readonly bucketLimit: readonly number[]
  /** Values in each bucket. */
  readonly bucket: readonly number[]
}

/** One of the value fields is there. */
export interface SummaryValue {
  readonly tag: string
  readonly metadata?: SummaryMetadata
  readonly simpleValue?: number
  readonly image?: { readonly height: number; readonly width: number; readonly encodedImageString: Uint8Array }
  readonly histo?: HistogramProto
  readonly tensor?: { readonly dtype: number; readonly tensorShape?: { readonly dim?: readonly { readonly size: number }[] }; readonly stringVal?: readonly Uint8Array[] }
}

/** One of the last three is there. */
export interface EventMessage {
  /** Seconds since 1970. */
  readonly wallTime: number
  readonly step?: number
  readonly fileVersion?: string
  readonly summary?: { readonly value: readonly SummaryValue[] }
  readonly sessionLog?: { readonly status: number }
}

export function encodeEvent(event: EventMessage): Uint8Array {
  return Event.encode(event).finish()
}

export function decodeEvent(bytes: Uint8Array): EventMessage {
  return Event.toObject(Event.decode(bytes), { longs: Number, defaults: true }) as EventMessage
}
