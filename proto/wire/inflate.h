/* SPDX-License-Identifier: Apache-2.0
 * A compressed body back to its bytes, never more than was announced. Decompression goes in one
 * piece straight into the destination, which is also its window: whatever window a frame asks for,
 * nothing is allocated beyond the context (about 160 KiB, once). */
#ifndef PLATEN_WIRE_INFLATE_H
#define PLATEN_WIRE_INFLATE_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct inflate;

int inflate_open(struct inflate **ret) MUST_USE;
void inflate_close(struct inflate *i);

/* One zstd frame of exactly `raw_len` bytes, without a dictionary: 0, or ERR_FORMAT when it is
 * anything else, shorter and longer ones included. */
int inflate_zstd(struct inflate *i, uint8_t *dst, size_t raw_len, const uint8_t *src,
	size_t src_len) MUST_USE;

/* The body of a batch in any enum body_encoding, copied to `dst`. Also ERR_VERSION, ERR_LIMIT,
 * -ENOMEM. */
int inflate_body(struct inflate *i, unsigned encoding, uint8_t *dst, size_t raw_len,
	const uint8_t *src, size_t src_len) MUST_USE;

#endif
