/* SPDX-License-Identifier: Apache-2.0
 * The frame around everything that the spool keeps: SQLite pages have no checksum, so each row is
 * one blob that says what it is, is checked by a CRC-32C, and can be found again in the raw bytes
 * of a database whose pages have come apart (spool_salvage.c). All numbers are little endian:
 *   0 magic (4)  4 CRC-32C of all that follows (4)  8 kind (1)  9 format (1)  10 key length (2)
 *   12 body length (4)  16 number (8)  24 key  .. body */
#ifndef PLATEN_STORE_SPOOL_FRAME_H
#define PLATEN_STORE_SPOOL_FRAME_H

#include "proto/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum frame_kind {
	FRAME_RECORD = 1, /* number: seq; no key */
	FRAME_LATEST,     /* number: read_at_ms; key: group number and FRAME_AWAITED, device_key */
	FRAME_VALUE,      /* number: generation of the store; key: name */
	FRAME_META,       /* number: generation of the store; no key */
	FRAME_ASIDE       /* number: the damaged record's; key: Unix ms (8); body: as found */
};

enum { FRAME_HEAD = 24, FRAME_KEY_MAX = 512, FRAME_FORMAT = 1 };

/* Of the group number of a FRAME_LATEST: its next state counts (HISTORY_AWAITS). */
enum { FRAME_AWAITED = 0x80 };

/* The first bytes of every frame; no UTF-8 text and no msgpack of ours begins with them. */
extern const uint8_t frame_magic[4];

struct frame {
	uint8_t kind; /* enum frame_kind */
	uint64_t number;
	const uint8_t *key;
	size_t key_len;
	const uint8_t *body;
	size_t body_len;
};

/* Bytes of the frame when written. */
size_t frame_len(const struct frame *f);

/* dst has room for frame_len. Key and body may lie where they belong already. */
void frame_write(uint8_t *dst, const struct frame *f);

/* The length of the whole frame by its head: for finding frames in raw bytes, where
 * `len` (at least FRAME_HEAD) may end before the frame does. ERR_FORMAT if there is none. */
int frame_peek_len(const uint8_t *bytes, size_t len) MUST_USE;

/* The number in the head of a frame, whose checksum is not looked at; 0 if it is none. */
uint64_t frame_peek_number(const uint8_t *bytes, size_t len);

/* Exactly one whole frame; `f` then points into bytes. ERR_STORE_CORRUPT when anything is wrong. */
int frame_read(struct frame *f, const uint8_t *bytes, size_t len) MUST_USE;

/* The row of a key: positive, stable for ever. The groups of one device are neighbours: the row
 * divided by FRAME_GROUPS_MAX is the device's. */
enum { FRAME_GROUPS_MAX = 8 };
int64_t frame_row_of_device(const uint8_t *device_key, size_t len, unsigned group);
int64_t frame_row_of_name(const char *name, size_t len);
int64_t frame_row_of_bytes(const uint8_t *bytes, size_t len);

#endif
