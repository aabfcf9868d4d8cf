/* SPDX-License-Identifier: Apache-2.0
 * Body encoding 2: the records of a body taken apart into columns, one for each field of each map,
 * which zstd makes much smaller than records one after the other (proto/wire/SCHEMA.md). It knows
 * nothing of the fields, so it fits those that are still to come. Lossless: a body that cannot be
 * said this way, or comes back otherwise, is refused by the packer and travels as before. */
#ifndef PLATEN_WIRE_COLUMNS_H
#define PLATEN_WIRE_COLUMNS_H

#include "proto/base/buf.h"

#include <stddef.h>
#include <stdint.h>

/* Appends the columns of `body`. ERR_TYPE, ERR_LIMIT or ERR_FULL: it has to travel otherwise. */
int columns_pack(struct buf *dst, const uint8_t *body, size_t len) MUST_USE;

/* The body of exactly `raw_len` bytes: 0, ERR_FORMAT, ERR_LIMIT or -ENOMEM. Allocates no more than
 * some multiple of `len`, and nothing that is left behind. */
int columns_unpack(uint8_t *body, size_t raw_len, const uint8_t *bytes, size_t len) MUST_USE;

#endif
