/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/document/json_internal.h"

#include <errno.h>
#include <stdio.h>

json_t *vendor_object(struct vendor *m)
{
	json_t *o = json_object();
	m->is_broken |= o == NULL;
	return o;
}

json_t *vendor_array(struct vendor *m)
{
	json_t *a = json_array();
	m->is_broken |= a == NULL;
	return a;
}

void vendor_set(struct vendor *m, json_t *o, const char *key, json_t *value)
{
	m->is_broken |= json_object_set_new(o, key, value) != 0;
}

void vendor_append(struct vendor *m, json_t *a, json_t *value)
{
	m->is_broken |= json_array_append_new(a, value) != 0;
}

/* Scrubbed on the way, as jansson refuses what is not UTF-8. */
json_t *vendor_text(struct text t)
{
	char clean[LIMIT_TEXT_LONG + 1];
	if (t.len == 0)
		return json_stringn("", 0);
	if (str_is_utf8((const uint8_t *)t.p, t.len))
		return json_stringn(t.p, t.len);
	size_t n = str_scrub(clean, sizeof clean, (const uint8_t *)t.p, t.len);
	return json_stringn(clean, n);
}

void vendor_set_text(struct vendor *m, json_t *o, const char *key, struct text t)
{
	if (t.len > 0)
		vendor_set(m, o, key, vendor_text(t));
}

void vendor_set_word(struct vendor *m, json_t *o, const char *key, const char *word)
{
	vendor_set(m, o, key, json_string(word));
}

/* Counters of 64 bits and SQLite both end at 2^63 - 1; JSON readers often at 2^53. */
json_t *vendor_number(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

void vendor_set_number(struct vendor *m, json_t *o, const char *key, uint64_t v)
{
	vendor_set(m, o, key, vendor_number(v));
}

void vendor_set_int(struct vendor *m, json_t *o, const char *key, int64_t v)
{
	vendor_set(m, o, key, json_integer(v));
}

void vendor_set_utc(struct vendor *m, json_t *o, const char *key, uint64_t unix_ms)
{
	char utc[25];
	str_utc(utc, unix_ms);
	vendor_set_word(m, o, key, utc);
}

void vendor_set_hex(struct vendor *m, json_t *o, const char *key, const uint8_t *bytes, size_t n)
{
	char hex[2 * LIMIT_PUBLIC_KEY + 1];
	if (n > LIMIT_PUBLIC_KEY)
		n = LIMIT_PUBLIC_KEY;
	str_hex(hex, bytes, n);
	vendor_set_word(m, o, key, hex);
}

/* Writes the finished value behind dst and drops it. */
int vendor_finish(struct vendor *m, json_t *value, struct buf *dst)
{
	int err = -ENOMEM;
	if (!m->is_broken && value != NULL) {
		size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6);
		size_t n = json_dumpb(value, NULL, 0, flags);
		err = n == 0 ? -ENOMEM : buf_reserve(dst, n);
		if (err == 0 && json_dumpb(value, (char *)dst->data + dst->len, n, flags) != n)
			err = -ENOMEM;
		if (err == 0)
			dst->len += n;
	}
	json_decref(value);
	return err;
}

void vendor_set_index(struct vendor *m, json_t *o, uint32_t device, uint32_t index)
{
	char both[24];
	(void)snprintf(both, sizeof both, "%u.%u", device, index);
	vendor_set_word(m, o, "index", both);
}

/* What was read by IPP names its attribute, "ipp:printer-impressions-completed". */
void vendor_set_source(struct vendor *m, json_t *o, struct oid_ber object, struct text text)
{
	char room[READING_SOURCE];
	struct text source = reading_source(object, text, room);
	bool is_attribute = source.len > 4 && memcmp(source.p, "ipp:", 4) == 0;
	vendor_set_text(m, o, is_attribute ? "attribute" : "oid", source);
}
