/* SPDX-License-Identifier: Apache-2.0
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short inputs. A peer without the key
 * can neither predict a value nor find colliding inputs, so it fits cookies that peers send back,
 * orders that they must not guess, and tables filled with their bytes. Not for signatures. */
#ifndef PLATEN_BASE_SIP_H
#define PLATEN_BASE_SIP_H

#include <stddef.h>
#include <stdint.h>

struct sip_key {
	uint64_t k[2];
};

/* The key of 16 bytes, as the paper reads them. */
struct sip_key sip_key_of(const uint8_t bytes[16]);

uint64_t sip_hash(const struct sip_key *key, const void *bytes, size_t len);

/* The same of the 16 bytes of two numbers. */
uint64_t sip_hash2(const struct sip_key *key, uint64_t a, uint64_t b);

#endif
