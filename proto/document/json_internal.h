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

struct vendor {
	bool is_broken; /* memory ran out */
};

json_t *vendor_object(struct vendor *m);
json_t *vendor_array(struct vendor *m);
/* Both take `value`, which may be NULL: then memory had run out. */
void vendor_set(struct vendor *m, json_t *o, const char *key, json_t *value);
void vendor_append(struct vendor *m, json_t *a, json_t *value);

/* A string; what is not UTF-8 is scrubbed. */
json_t *vendor_text(struct text t);
/* Nothing if it is empty. */
void vendor_set_text(struct vendor *m, json_t *o, const char *key, struct text t);
void vendor_set_word(struct vendor *m, json_t *o, const char *key, const char *word);
/* Counters of 64 bits end at 2^63 - 1 here. */
json_t *vendor_number(uint64_t v);
void vendor_set_number(struct vendor *m, json_t *o, const char *key, uint64_t v);
void vendor_set_int(struct vendor *m, json_t *o, const char *key, int64_t v);
void vendor_set_utc(struct vendor *m, json_t *o, const char *key, uint64_t unix_ms);
/* At most LIMIT_PUBLIC_KEY bytes. */
void vendor_set_hex(struct vendor *m, json_t *o, const char *key, const uint8_t *bytes, size_t n);
/* "index":"DEVICE.INDEX" */
void vendor_set_index(struct vendor *m, json_t *o, uint32_t device, uint32_t index);
/* "oid" or "attribute"; nothing if it is empty. */
void vendor_set_source(struct vendor *m, json_t *o, struct oid_ber object, struct text source);

/* Writes the finished value behind dst and drops it. 0, ERR_FULL or -ENOMEM. */
int vendor_finish(struct vendor *m, json_t *value, struct buf *dst) MUST_USE;

/* json_device.c: one device. `head` may be NULL. */
json_t *json_device(
	struct vendor *m, const struct record_head *head, const struct reading *r, unsigned mask);

/* json_parts.c: what the groups options, media and maintenance add to a device. */
void json_set_options(struct vendor *m, json_t *device, const struct reading *r);
void json_set_media(struct vendor *m, json_t *device, const struct reading *r);
void json_set_maintenance(struct vendor *m, json_t *device, const struct reading *r);

#endif
