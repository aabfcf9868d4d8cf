/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/spool_frame.h"

#include "proto/base/crc.h"
#include "proto/base/limits.h"

#include <string.h>

const uint8_t frame_magic[4] = {0xc1, 'p', 's', 0xff}; /* 0xc1 is the byte msgpack never uses */

static void put_le(uint8_t *dst, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		dst[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *src, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)src[i] << (8 * i);
	return value;
}

size_t frame_len(const struct frame *f)
{
	return FRAME_HEAD + f->key_len + f->body_len;
}

void frame_write(uint8_t *dst, const struct frame *f)
{
	if (f->key_len > 0)
		memmove(dst + FRAME_HEAD, f->key, f->key_len);
	if (f->body_len > 0)
		memmove(dst + FRAME_HEAD + f->key_len, f->body, f->body_len);
	memcpy(dst, frame_magic, 4);
	dst[8] = f->kind;
	dst[9] = FRAME_FORMAT;
	put_le(dst + 10, f->key_len, 2);
	put_le(dst + 12, f->body_len, 4);
	put_le(dst + 16, f->number, 8);
	put_le(dst + 4, crc32c(0, dst + 8, frame_len(f) - 8), 4);
}

int frame_peek_len(const uint8_t *bytes, size_t len)
{
	if (len < FRAME_HEAD || memcmp(bytes, frame_magic, 4) != 0)
		return ERR_FORMAT;
	size_t key_len = (size_t)get_le(bytes + 10, 2);
	size_t body_len = (size_t)get_le(bytes + 12, 4);
	if (bytes[8] < FRAME_RECORD || bytes[8] > FRAME_ASIDE || bytes[9] != FRAME_FORMAT ||
		key_len > FRAME_KEY_MAX || body_len > LIMIT_RECORD)
		return ERR_FORMAT;
	return (int)(FRAME_HEAD + key_len + body_len);
}

uint64_t frame_peek_number(const uint8_t *bytes, size_t len)
{
	return frame_peek_len(bytes, len) < 0 ? 0 : get_le(bytes + 16, 8);
}

int frame_read(struct frame *f, const uint8_t *bytes, size_t len)
{
	int whole = frame_peek_len(bytes, len);
	if (whole < 0 || (size_t)whole != len)
		return ERR_STORE_CORRUPT;
	if (crc32c(0, bytes + 8, len - 8) != (uint32_t)get_le(bytes + 4, 4))
		return ERR_STORE_CORRUPT;
	f->kind = bytes[8];
	f->number = get_le(bytes + 16, 8);
	f->key = bytes + FRAME_HEAD;
	f->key_len = (size_t)get_le(bytes + 10, 2);
	f->body = f->key + f->key_len;
	f->body_len = len - FRAME_HEAD - f->key_len;
	return 0;
}

/* FNV-1a, 64 bit. */
static uint64_t hash(const uint8_t *bytes, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ bytes[i]) * 0x100000001b3u;
	return h;
}

int64_t frame_row_of_device(const uint8_t *device_key, size_t len, unsigned group)
{
	/* 60 bits of hash: with 100,000 devices one chance in 10^8 that any two share a row, and
	 * then the report shows the one that was read last. */
	return (int64_t)((hash(device_key, len) >> 4 << 3 | (group & 7)) & INT64_MAX);
}

int64_t frame_row_of_name(const char *name, size_t len)
{
	return frame_row_of_bytes((const uint8_t *)name, len);
}

int64_t frame_row_of_bytes(const uint8_t *bytes, size_t len)
{
	return (int64_t)(hash(bytes, len) >> 1);
}
