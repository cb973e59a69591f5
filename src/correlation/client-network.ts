import { normalizeIp } from '@nestjs/throttler';

/** Whom an address stands for: itself, or of an IPv6 one its network (/64), of which a caller has all addresses. */
export function clientNetwork(address: string): string {
  return address.includes(':') ? normalizeIp(address) : address;
}
