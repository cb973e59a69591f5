import { _, type FuncKeywordDefinition } from 'ajv';

/** A double does not hold more decimal digits than these exactly: what has more may be another number than the one that was written. */
const EXACT_DIGITS = 15;

/** `multipleOf` in decimals, as people write numbers: 19.99 is a multiple of 0.01, though the doubles are not. What was rounded passes. */
export const multipleOfKeyword: FuncKeywordDefinition = {
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  compile: (divisor: number) => (value: number) => isMultiple(value, divisor),
  error: { message: 'must be a multiple', params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}` },
};

function isMultiple(value: number, divisor: number): boolean {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER) || Number.isInteger(value / divisor)) return true;
  const [a, b] = [decimalOf(value), decimalOf(divisor)];
  if (a.digits.length > EXACT_DIGITS || b.digits.length > EXACT_DIGITS) return true;
  const exponent = Math.min(a.exponent, b.exponent);
  return scaled(a, exponent) % scaled(b, exponent) === 0n;
}

/** digits * 10^exponent, without zeros at the end. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(Math.abs(value)).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+(?=.)/, '');
  const digits = all.replace(/0+$/, '') || '0';
  return { digits, exponent: Number(exponent) - fraction.length + (all.length - digits.length) };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return BigInt(digits) * 10n ** BigInt(exponent - to);
}
