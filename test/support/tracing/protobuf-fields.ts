/** A field of a message in Protocol Buffers: a number, or the bytes of a text, of bytes or of another message. */
export interface Field {
  readonly number: number;
  readonly value: bigint | Buffer;
}

/** The fields of a message, in order (Protocol Buffers, "Encoding"). */
export function readFields(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const tag = Number(varint());
    const type = tag & 7;
    if (type === 0) fields.push({ number: tag >> 3, value: varint() });
    else if (type === 1) fields.push({ number: tag >> 3, value: take(8).readBigUInt64LE() });
    else if (type === 5) fields.push({ number: tag >> 3, value: BigInt(take(4).readUInt32LE()) });
    else if (type === 2) fields.push({ number: tag >> 3, value: take(Number(varint())) });
    else throw new Error(`There is no wire type ${type}.`);
  }
  return fields;
}
