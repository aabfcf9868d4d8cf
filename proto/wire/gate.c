/* SPDX-License-Identifier: Apache-2.0
 * The privacy gate: a reading, or a record that was packed under another policy, without what may
 * not leave. */
#include "proto/base/hash.h"
#include "proto/text/personal.h"
#include "proto/wire/pack_internal.h"
#include "proto/wire/policy.h"

#include <stdio.h>
#include <string.h>

static bool is_left_out(const struct policy *p, unsigned part, unsigned number)
{
	return (p->left_out[part] >> (number - row_types[part].first) & 1) != 0;
}

static bool is_part_closed(const struct policy *p, unsigned part)
{
	uint32_t all = (uint32_t)((1ull << row_types[part].count) - 1);
	return (p->left_out[part] & all) == all;
}

static struct personal_words words_of(const struct policy *p)
{
	return (struct personal_words){
		(const char(*)[64])p->host_name, p->is_corporate ? p->host_names : 0};
}
_Static_assert(POLICY_HOST_NAME == 64, "struct personal_words has words of 64 bytes");

bool policy_is_host(const struct policy *p, struct text address)
{
	for (unsigned i = 0; p->is_corporate && i < p->host_names; i++) {
		if (text_is_equal_nocase(address, text_of(p->host_name[i])))
			return true;
	}
	return false;
}

/* ---- fields ---- */

static void clear_number(void *p, size_t size, int with)
{
	memset(p, with, size); /* 0, or -1 in two's complement */
}

static void clear_field(const struct field *f, void *row)
{
	void *p = (char *)row + f->at, *other = (char *)row + f->other;
	switch ((enum field_kind)f->kind) {
	case FIELD_NONE:
		break;
	case FIELD_BOOL:
		*(bool *)p = false;
		break;
	case FIELD_GIVEN_UINT:
	case FIELD_GIVEN_INT:
		*(bool *)other = false;
		break;
	case FIELD_UINT:
	case FIELD_INT:
	case FIELD_UPTIME:
	case FIELD_PROTOCOL:
		clear_number(p, f->size, 0);
		break;
	case FIELD_AMOUNT:
		clear_number(p, f->size, 0xff);
		break;
	case FIELD_OBJECT:
		((struct oid_ber *)other)->len = 0;
		*(struct text *)p = (struct text){NULL, 0};
		break;
	case FIELD_TEXT:
	case FIELD_TEXT_LONG:
	case FIELD_OID:
	case FIELD_MAC:
		*(struct text *)p = (struct text){NULL, 0};
		break;
	}
}

static void clean_text(
	const struct personal_words *words, struct reading *r, struct text *t, size_t max)
{
	char clean[LIMIT_TEXT_LONG + 1];
	if (personal_is_free(*t, words))
		return;
	size_t n = personal_replace(clean, sizeof clean, *t, words);
	*t = reading_text(r, (const uint8_t *)clean, n, max);
}

static void clean_row(const struct policy *p, struct reading *r, unsigned part, void *row)
{
	const struct row_type *t = &row_types[part];
	struct personal_words words = words_of(p);
	for (unsigned i = 0; i < t->count; i++) {
		const struct field *f = &t->field[i];
		struct text *text = (struct text *)(void *)((char *)row + f->at);
		if ((p->left_out[part] >> i & 1) != 0)
			clear_field(f, row);
		else if (f->is_contact)
			continue;
		else if (f->kind == FIELD_TEXT)
			clean_text(&words, r, text, LIMIT_TEXT);
		else if (f->kind == FIELD_TEXT_LONG)
			clean_text(&words, r, text, LIMIT_TEXT_LONG);
		else if (f->kind == FIELD_MAC && policy_is_host(p, *text))
			clear_field(f, row);
	}
}

/* ---- groups ---- */

static void clean_identity(const struct policy *p, struct reading *r)
{
	struct identity *id = &r->identity;
	clean_row(p, r, ROW_IDENTITY, id);
	if (is_left_out(p, ROW_IDENTITY, IDENTITY_FIRMWARE) || is_part_closed(p, ROW_FIRMWARE)) {
		id->firmware = NULL;
		id->firmware_count = 0;
	}
	for (struct firmware *f = id->firmware; f != NULL; f = f->next)
		clean_row(p, r, ROW_FIRMWARE, f);
}

static void clean_rows(const struct policy *p, struct reading *r, const struct group_table *t)
{
	void *row;
	memcpy(&row, (char *)r + t->list, sizeof row);
	while (row != NULL) {
		clean_row(p, r, t->row, row);
		memcpy(&row, row, sizeof row); /* a row begins with the pointer to the next one */
	}
}

static void drop_rows(struct reading *r, const struct group_table *t)
{
	void *none = NULL, *first = (char *)r + t->list;
	memcpy(first, &none, sizeof none);
	memcpy((char *)r + t->end, &first, sizeof first);
	*(uint16_t *)(void *)((char *)r + t->count) = 0;
}

static void clean_speeds(const struct policy *p, struct reading *r)
{
	if (is_left_out(p, PART_SPEED, MEDIA_PPM))
		r->pages_per_minute = 0;
	if (is_left_out(p, PART_SPEED, MEDIA_PPM_COLOR))
		r->pages_per_minute_color = 0;
}

static bool is_group_closed(const struct policy *p, unsigned g)
{
	return is_part_closed(p, group_tables[g].row) &&
	       (g != GROUP_MEDIA || is_part_closed(p, PART_SPEED));
}

void policy_apply(const struct policy *p, struct reading *r)
{
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		const struct group_table *t = &group_tables[g];
		if (is_group_closed(p, g))
			r->group[g] = (struct group_info){.status = GROUP_NOT_REQUESTED};
		if (g == GROUP_IDENTITY)
			clean_identity(p, r);
		else if (g == GROUP_STATE)
			clean_row(p, r, ROW_STATE, &r->state);
		else if (is_part_closed(p, t->row))
			drop_rows(r, t);
		else
			clean_rows(p, r, t);
	}
	clean_speeds(p, r);
}

/* ---- records ---- */

static bool names_host(const struct policy *p, struct text key)
{
	struct personal_words words = words_of(p);
	static const struct personal_words none;
	return words.count > 0 && personal_is_free(key, &none) && !personal_is_free(key, &words);
}

struct text policy_device_key(const struct policy *p, struct text key, char dst[POLICY_KEY])
{
	bool is_hidden =
		(text_starts_with(key, "serial:") && is_left_out(p, ROW_IDENTITY, 13)) ||
		(text_starts_with(key, "mac:") && is_left_out(p, ROW_IDENTITY, 16)) ||
		(text_starts_with(key, "addr:") && is_left_out(p, PART_RECORD, RECORD_ADDRESS)) ||
		names_host(p, key);
	if (!is_hidden)
		return key;
	int n = snprintf(
		dst, POLICY_KEY, "id:%016llx", (unsigned long long)hash_bytes(0, key.p, key.len));
	return (struct text){dst, n > 0 ? (size_t)n : 0};
}

struct text policy_address(const struct policy *p, struct text address)
{
	bool is_hidden = is_left_out(p, PART_RECORD, RECORD_ADDRESS) || policy_is_host(p, address);
	return is_hidden ? (struct text){NULL, 0} : address;
}

struct text policy_unread_address(const struct policy *p, struct text address)
{
	return is_left_out(p, PART_COVERAGE, COVERAGE_ADDRESS) ? (struct text){NULL, 0}
							       : policy_address(p, address);
}

int policy_repack(const struct policy *p, struct buf *dst, const uint8_t *bytes, size_t len,
	struct slab *blocks)
{
	struct record_head head;
	struct reading r;
	char key[POLICY_KEY];
	unsigned mask, left = 0;
	reading_open(&r, blocks);
	int n = record_unpack(&head, &r, &mask, bytes, len);
	if (n >= 0) {
		policy_apply(p, &r);
		for (unsigned g = 0; g < GROUP_COUNT; g++) {
			if (!is_group_closed(p, g))
				left |= mask & 1u << g;
		}
		head.policy_id = p->id;
		head.address = policy_address(p, head.address);
		head.device_key = policy_device_key(p, head.device_key, key);
		int err = record_pack(dst, &head, &r, left);
		n = err < 0 ? err : n;
	}
	reading_close(&r);
	return n;
}
