/* SPDX-License-Identifier: Apache-2.0
 * What json*.c share: jansson with its results gathered.
 *
 * jansson takes references with json_object_set_new and friends, also when they fail, and NULL in
 * place of a value is a failure. So values are made in place and one flag gathers the results. */
#ifndef PLATEN_DOCUMENT_JSON_INTERNAL_H
#define PLATEN_DOCUMENT_JSON_INTERNAL_H

#include "proto/base/buf.h"
#include "proto/wire/envelope.h"
#include "proto/wire/pack.h"

#include <jansson.h>
#include <string.h>

struct maker {
	bool is_broken; /* memory ran out */
};

json_t *maker_object(struct maker *m);
json_t *maker_array(struct maker *m);
/* Both take `value`, which may be NULL: then memory had run out. */
void maker_set(struct maker *m, json_t *o, const char *key, json_t *value);
void maker_append(struct maker *m, json_t *a, json_t *value);

/* A string; what is not UTF-8 is scrubbed. */
json_t *maker_text(struct text t);
/* Nothing if it is empty. */
void maker_set_text(struct maker *m, json_t *o, const char *key, struct text t);
void maker_set_word(struct maker *m, json_t *o, const char *key, const char *word);
/* Counters of 64 bits end at 2^63 - 1 here. */
json_t *maker_number(uint64_t v);
void maker_set_number(struct maker *m, json_t *o, const char *key, uint64_t v);
void maker_set_int(struct maker *m, json_t *o, const char *key, int64_t v);
void maker_set_utc(struct maker *m, json_t *o, const char *key, uint64_t unix_ms);
/* At most LIMIT_PUBLIC_KEY bytes. */
void maker_set_hex(struct maker *m, json_t *o, const char *key, const uint8_t *bytes, size_t n);
/* "index":"DEVICE.INDEX" */
void maker_set_index(struct maker *m, json_t *o, uint32_t device, uint32_t index);
/* "oid" or "attribute"; nothing if it is empty. */
void maker_set_source(struct maker *m, json_t *o, struct oid_ber object, struct text source);

/* Writes the finished value behind dst and drops it. 0, ERR_FULL or -ENOMEM. */
int maker_finish(struct maker *m, json_t *value, struct buf *dst) MUST_USE;

/* json_device.c: one device. `head` may be NULL. */
json_t *json_device(
	struct maker *m, const struct record_head *head, const struct reading *r, unsigned mask);

/* json_parts.c: what the groups options, media and maintenance add to a device. */
void json_set_options(struct maker *m, json_t *device, const struct reading *r);
void json_set_media(struct maker *m, json_t *device, const struct reading *r);
void json_set_maintenance(struct maker *m, json_t *device, const struct reading *r);

#endif
