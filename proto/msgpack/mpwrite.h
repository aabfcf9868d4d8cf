/* SPDX-License-Identifier: Apache-2.0
 * msgpack into a bounded buffer: open, the values in order, close. The writer keeps its first error
 * and writes nothing after it, so only close is looked at; it allocates nothing of its own. */
#ifndef PLATEN_MSGPACK_MPWRITE_H
#define PLATEN_MSGPACK_MPWRITE_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/str.h"

#include <stddef.h>
#include <stdint.h>

struct mpwrite {
	struct buf *dst;
	size_t before; /* its length when the writer was opened */
	int err;
};

void mpwrite_open(struct mpwrite *w, struct buf *dst);

/* The n keys and values of a map, or the n items of an array, follow. */
void mpwrite_map(struct mpwrite *w, size_t n);
void mpwrite_array(struct mpwrite *w, size_t n);
void mpwrite_uint(struct mpwrite *w, uint64_t v);
void mpwrite_int(struct mpwrite *w, int64_t v);
void mpwrite_text(struct mpwrite *w, struct text t);
void mpwrite_bin(struct mpwrite *w, const uint8_t *bytes, size_t n);

/* 0, or the first error; ERR_FULL also when more than `max` bytes were written. On an error dst is
 * as it was before mpwrite_open. */
int mpwrite_close(struct mpwrite *w, size_t max) MUST_USE;

/* The callback for a packer of msgpack-c's whose data is a struct mpwrite
 * (proto/wire/pack_record.c). */
int mpwrite_sink(void *data, const char *bytes, size_t n);

#endif
