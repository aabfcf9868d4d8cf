/* SPDX-License-Identifier: Apache-2.0
 * The groups of a reading as msgpack maps (proto/wire/SCHEMA.md). */
#include "proto/smi/oid.h"
#include "proto/wire/pack_internal.h"

#include <string.h>

/* An OID as text -> BER contents. Bytes written, or 0 if the text is not exactly what the way back
 * would give: what was read as BER must not become another text. */
static size_t pack_oid(uint8_t dst[LIMIT_OID_BER], struct text dotted)
{
	struct oid oid;
	char again[LIMIT_OID_SUBIDS * 11];
	if (oid_from(&oid, dotted) < 0)
		return 0;
	size_t len = oid_to_text(again, sizeof again, &oid);
	int n = oid_encode(dst, LIMIT_OID_BER, &oid);
	return n > 0 && text_is_equal(dotted, (struct text){again, len}) ? (size_t)n : 0;
}

/* An OID in a third of the bytes, or as text if it is not one. */
static void row_oid(struct row *row, uint8_t key, struct text dotted)
{
	if (dotted.len == 0)
		return;
	uint8_t ber[LIMIT_OID_BER];
	size_t n = pack_oid(ber, dotted);
	if (n > 0)
		row_bytes(row, key, ber, n);
	else
		row_text(row, key, dotted, LIMIT_TEXT);
}

/* aa:bb:cc:dd:ee:ff as six bytes, or as text if it is written in another way. */
static void row_mac(struct row *row, uint8_t key, struct text mac)
{
	char again[18];
	uint8_t bytes[6];
	if (str_to_mac(bytes, mac) && text_is(mac, str_mac(again, bytes)))
		row_bytes(row, key, bytes, sizeof bytes);
	else
		row_text(row, key, mac, LIMIT_TEXT);
}

static void group_times(struct row *row, const struct group_info *info, uint64_t read_at_ms)
{
	if (info->requested_at_ms == 0)
		return;
	row_int(row, GROUP_ASKED, (int64_t)(read_at_ms - info->requested_at_ms));
	if (info->responded_at_ms != 0)
		row_int(row, GROUP_TOOK, (int64_t)(info->responded_at_ms - info->requested_at_ms));
}

static uint64_t uint_at(const void *p, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)p;
	case 4:
		return *(const uint32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

static int64_t int_at(const void *p, size_t size)
{
	return size == 4 ? *(const int32_t *)p : *(const int64_t *)p;
}

static void put_field(struct row *row, uint8_t key, const struct field *f, const void *src)
{
	const void *p = (const char *)src + f->at, *other = (const char *)src + f->other;
	const struct oid_ber *object;
	uint64_t u;
	int64_t i;
	switch ((enum field_kind)f->kind) {
	case FIELD_NONE:
		break;
	case FIELD_BOOL:
		row_true(row, key, *(const bool *)p);
		break;
	case FIELD_UINT:
		row_uint(row, key, uint_at(p, f->size));
		break;
	case FIELD_UPTIME:
		row_uint(row, key, row->for_digest ? 0 : uint_at(p, f->size));
		break;
	case FIELD_PROTOCOL:
		u = uint_at(p, f->size);
		row_uint(row, key, u == SOURCE_SNMP ? 0 : u);
		break;
	case FIELD_GIVEN_UINT:
		if (*(const bool *)other)
			row_int(row, key, (int64_t)uint_at(p, f->size));
		break;
	case FIELD_GIVEN_INT:
		if (*(const bool *)other)
			row_int(row, key, int_at(p, f->size));
		break;
	case FIELD_INT:
		if ((i = int_at(p, f->size)) != 0)
			row_int(row, key, i);
		break;
	case FIELD_AMOUNT:
		if ((i = int_at(p, f->size)) >= 0)
			row_int(row, key, i);
		break;
	case FIELD_TEXT:
		row_text(row, key, *(const struct text *)p, LIMIT_TEXT);
		break;
	case FIELD_TEXT_LONG:
		row_text(row, key, *(const struct text *)p, LIMIT_TEXT_LONG);
		break;
	case FIELD_OID:
		row_oid(row, key, *(const struct text *)p);
		break;
	case FIELD_OBJECT:
		object = other;
		if (object->len > 0)
			row_bytes(row, key, object->p, object->len);
		else
			row_oid(row, key, *(const struct text *)p);
		break;
	case FIELD_MAC:
		row_mac(row, key, *(const struct text *)p);
		break;
	}
}

static void put_fields(struct row *row, enum row_kind kind, const void *src)
{
	const struct row_type *t = &row_types[kind];
	for (unsigned i = 0; i < t->count; i++)
		put_field(row, (uint8_t)(t->first + i), &t->field[i], src);
}

/* A row's struct begins with the pointer to the next one. */
static const void *pointer_at(const void *p)
{
	const void *ret;
	memcpy(&ret, p, sizeof ret);
	return ret;
}

/* Ends the group's map with its rows as field `key`; without rows the field is left out. */
static void pack_rows(msgpack_packer *pk, struct row *row, uint8_t key, enum row_kind kind,
	const void *first, size_t count)
{
	row_write(pk, row, count > 0);
	if (count > 0) {
		(void)msgpack_pack_uint8(pk, key);
		(void)msgpack_pack_array(pk, count);
	}
	for (const void *x = first; x != NULL; x = pointer_at(x)) {
		row_open(row);
		put_fields(row, kind, x);
		row_write(pk, row, 0);
	}
}

/* SNMP alone is left out, as by agents of minor 0. */
static void group_sources(struct row *row, const struct reading *r, const struct group_info *info)
{
	unsigned sources = reading_group_sources(r, info);
	if (sources != SOURCE_SNMP)
		row_uint(row, GROUP_SOURCES, sources);
}

void pack_group(msgpack_packer *pk, const struct reading *r, enum reading_group g,
	uint64_t read_at_ms, bool for_digest)
{
	const struct group_info *info = &r->group[g];
	const struct group_table *t = &group_tables[g];
	struct row row;
	row_open(&row);
	row.for_digest = for_digest;
	row_uint(&row, GROUP_STATUS, info->status);
	if (!for_digest)
		group_times(&row, info, read_at_ms);
	group_sources(&row, r, info);
	if (!for_digest && info->before_at_ms != 0 && info->before_at_ms < read_at_ms)
		row_uint(&row, GROUP_BEFORE, read_at_ms - info->before_at_ms);
	if (g == GROUP_MEDIA) {
		row_uint(&row, MEDIA_PPM, r->pages_per_minute);
		row_uint(&row, MEDIA_PPM_COLOR, r->pages_per_minute_color);
	}
	if (g == GROUP_IDENTITY) {
		put_fields(&row, ROW_IDENTITY, &r->identity);
		pack_rows(pk, &row, IDENTITY_FIRMWARE, ROW_FIRMWARE, r->identity.firmware,
			r->identity.firmware_count);
	} else if (g == GROUP_STATE) {
		put_fields(&row, ROW_STATE, &r->state);
		row_write(pk, &row, 0);
	} else {
		pack_rows(pk, &row, GROUP_ROWS, (enum row_kind)t->row,
			pointer_at((const char *)r + t->list),
			uint_at((const char *)r + t->count, sizeof r->meter_count));
	}
}
