/* SPDX-License-Identifier: Apache-2.0
 * The test vectors of proto/wire/vectors, and the readings of which they are made. With
 * PLATEN_WRITE_VECTORS=1 in the environment the files are written instead of compared.
 * tests/vectors/check_vectors.py checks the same files against their JSON with Python's msgpack and
 * openssl. */
#ifndef PLATEN_TESTS_KIT_WIRE_VECTORS_H
#define PLATEN_TESTS_KIT_WIRE_VECTORS_H

#include "proto/wire/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define VECTOR_READ_AT UINT64_C(1795352800123)

/* Asserts that NAME.bin holds exactly these bytes. */
void vector_compare(const char *name, const struct buf *b);

void vector_read(const char *name, uint8_t *bytes, size_t cap, size_t *len);

/* A record with all groups. */
void vector_put_full(struct buf *b, struct slab *blocks);

/* Only what changed: one group that failed, and one that is empty. */
void vector_put_delta(struct buf *b, struct slab *blocks);

/* The fields of vector_put_full that minor 1 of the schema added. */
void vector_check_parts(const struct reading *r);

/* Packed again it is the same bytes: nothing that is new has a default on the wire. */
void vector_check_packed_again(const struct record_head *head, const struct reading *r,
	unsigned mask, const uint8_t *bytes, size_t len);

#endif
