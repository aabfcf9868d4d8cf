/* SPDX-License-Identifier: Apache-2.0
 * The parts of a row as bytes: a version, the fields in order, numbers little-endian, texts with
 * their length in front, a CRC-32C behind. SQLite's pages have no checksum, and a wrong limit or
 * engineID would be believed for months. */
#include "engine/store/device_store_internal.h"

#include "proto/base/crc.h"

#include <string.h>

enum { FORMAT = 1, CRC_BYTES = 4 };

/* One walk over the fields serves both ways, so that they cannot differ. */
struct pass {
	uint8_t *p;
	size_t len, at;
	bool is_reading;
	bool is_bad;
};

static void bytes_field(struct pass *f, void *field, size_t n)
{
	if (f->is_bad || f->at + n > f->len) {
		f->is_bad = true;
		return;
	}
	if (f->is_reading)
		memcpy(field, f->p + f->at, n);
	else
		memcpy(f->p + f->at, field, n);
	f->at += n;
}

static uint64_t number(struct pass *f, uint64_t value, size_t n)
{
	uint8_t bytes[8] = {0};
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	bytes_field(f, bytes, n);
	if (!f->is_reading || f->is_bad)
		return value;
	value = 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)bytes[i] << 8 * i;
	return value;
}

#define U8(f, field) ((field) = (uint8_t)number(f, field, 1))
#define U16(f, field) ((field) = (uint16_t)number(f, field, 2))
#define U32(f, field) ((field) = (uint32_t)number(f, field, 4))
#define U64(f, field) ((field) = number(f, field, 8))
#define FLAG(f, field) ((field) = number(f, field, 1) != 0)

static void text_field(struct pass *f, char *field, size_t cap)
{
	size_t n = f->is_reading ? 0 : strnlen(field, cap - 1);
	n = (size_t)number(f, n, 1);
	if (n >= cap) {
		f->is_bad = true;
		return;
	}
	bytes_field(f, field, n);
	field[n] = '\0';
}

static void identity_fields(struct pass *f, struct device_row *row)
{
	text_field(f, row->credential, sizeof row->credential);
	text_field(f, row->vendor, sizeof row->vendor);
	text_field(f, row->model, sizeof row->model);
	text_field(f, row->serial, sizeof row->serial);
	text_field(f, row->mac, sizeof row->mac);
	U64(f, row->gone_wall_ms);
	U8(f, row->version);
	FLAG(f, row->is_printer);
	FLAG(f, row->is_found);
}

static void memory_fields(struct pass *f, struct mib_limits *m)
{
	uint8_t walks = MIB_WALKS, rows[UINT8_MAX] = {0};
	U8(f, walks);
	/* Another program's tables: how long they are is learned anew, all else is as true as
	 * before. */
	bytes_field(f, walks == MIB_WALKS ? m->rows : rows, walks);
	U8(f, m->max_varbinds);
	U8(f, m->varbinds_limit);
	FLAG(f, m->has_no_bulk);
	U8(f, m->no_bulk_polls);
	FLAG(f, m->was_polled);
	FLAG(f, m->has_no_context);
	U16(f, m->request_bytes);
	U8(f, m->proven_oids);
	FLAG(f, m->has_proven_bulk);
	FLAG(f, m->is_safe_mode);
}

static void learned_fields(struct pass *f, struct device_row *row)
{
	memory_fields(f, &row->memory);
	U16(f, row->srtt_ms);
	U16(f, row->rttvar_ms);
	U8(f, row->blocks);
	U8(f, row->failures);
	U64(f, row->not_before_wall_ms);
	uint8_t unused = 0; /* quirks that earlier versions learned from refused responses */
	U8(f, unused);
	U8(f, row->quarantined_count);
	if (row->quarantined_count > LIMIT_QUARANTINED) {
		f->is_bad = true;
		return;
	}
	for (unsigned i = 0; i < row->quarantined_count; i++) {
		U64(f, row->quarantined[i].digest);
		U64(f, row->quarantined[i].until_wall_ms);
	}
	U64(f, row->stopped_responding_wall_ms);
	U64(f, row->ipp_not_before_wall_ms);
	U8(f, row->ipp_path);
	U8(f, row->ipp_failures);
	U32(f, row->day);
	U32(f, row->day_packets_out);
	U32(f, row->day_packets_in);
	U64(f, row->day_bytes_out);
	U64(f, row->day_bytes_in);
}

static void engine_fields(struct pass *f, struct device_row *row)
{
	struct usm_engine *e = &row->engine;
	U8(f, e->id_len);
	if (e->id_len > sizeof e->id) {
		f->is_bad = true;
		return;
	}
	bytes_field(f, e->id, e->id_len);
	FLAG(f, e->is_time_trusted);
	U32(f, e->boots);
	U32(f, e->time);
	U64(f, e->at_ms);
}

static void fields(struct pass *f, struct device_row *row, enum device_row_part part)
{
	uint8_t format = FORMAT, which = (uint8_t)part;
	U8(f, format);
	U8(f, which);
	if (format != FORMAT || which != part)
		f->is_bad = true;
	else if (part == DEVICE_ROW_IDENTITY)
		identity_fields(f, row);
	else if (part == DEVICE_ROW_PROFILE)
		learned_fields(f, row);
	else
		engine_fields(f, row);
}

/* A part belongs to its address: a row whose key was damaged is nobody's. */
static uint32_t checksum(const struct device_row *row, const uint8_t *bytes, size_t len)
{
	uint8_t address[DEVICE_STORE_ADDRESS_BYTES];
	device_store_pack_address(address, row);
	return crc32c(crc32c(0, address, sizeof address), bytes, len);
}

size_t device_store_pack(uint8_t dst[DEVICE_STORE_PART_BYTES], const struct device_row *row,
	enum device_row_part part)
{
	struct device_row copy = *row;
	struct pass f = {.p = dst, .len = DEVICE_STORE_PART_BYTES - CRC_BYTES};
	fields(&f, &copy, part);
	uint32_t crc = checksum(row, dst, f.at);
	f.len = DEVICE_STORE_PART_BYTES;
	(void)number(&f, crc, CRC_BYTES);
	return f.at;
}

static void forget(struct device_row *row, enum device_row_part part)
{
	struct device_row kept = *row;
	memset(row, 0, sizeof *row);
	row->address = kept.address;
	memcpy(row->key, kept.key, sizeof row->key);
	row->first_seen_wall_ms = kept.first_seen_wall_ms;
	row->last_seen_wall_ms = kept.last_seen_wall_ms;
	uint8_t bytes[DEVICE_STORE_PART_BYTES];
	static const enum device_row_part parts[] = {
		DEVICE_ROW_IDENTITY, DEVICE_ROW_PROFILE, DEVICE_ROW_ENGINE};
	for (size_t i = 0; i < 3; i++) {
		if (parts[i] == part)
			continue;
		struct pass f = {.p = bytes,
			.len = device_store_pack(bytes, &kept, parts[i]),
			.is_reading = true};
		fields(&f, row, parts[i]);
	}
}

int device_store_unpack(
	struct device_row *row, enum device_row_part part, const uint8_t *bytes, size_t len)
{
	uint8_t copy[DEVICE_STORE_PART_BYTES];
	if (len <= CRC_BYTES || len > sizeof copy)
		return ERR_STORE_CORRUPT;
	memcpy(copy, bytes, len);
	struct pass tail = {.p = copy, .len = len, .at = len - CRC_BYTES, .is_reading = true};
	struct pass f = {.p = copy, .len = len - CRC_BYTES, .is_reading = true};
	if (number(&tail, 0, CRC_BYTES) != checksum(row, copy, f.len))
		return ERR_STORE_CORRUPT;
	fields(&f, row, part);
	if (!f.is_bad) /* what lies behind our fields is a newer program's */
		return 0;
	forget(row, part);
	return ERR_STORE_CORRUPT;
}

/* ---- addresses ---------------------------------------------------------------------------------
 */

void device_store_pack_address(
	uint8_t dst[DEVICE_STORE_ADDRESS_BYTES], const struct device_row *row)
{
	memset(dst, 0, DEVICE_STORE_ADDRESS_BYTES);
	if (row->address.sa.sa_family == AF_INET6) {
		dst[0] = 6;
		memcpy(dst + 1, &row->address.in6.sin6_port, 2);
		memcpy(dst + 3, &row->address.in6.sin6_addr, 16);
		memcpy(dst + 19, &row->address.in6.sin6_scope_id, 4);
	} else {
		dst[0] = 4;
		memcpy(dst + 1, &row->address.in4.sin_port, 2);
		memcpy(dst + 3, &row->address.in4.sin_addr, 4);
	}
}

int device_store_unpack_address(struct device_row *row, const uint8_t *bytes, size_t len)
{
	if (len != DEVICE_STORE_ADDRESS_BYTES || (bytes[0] != 4 && bytes[0] != 6))
		return ERR_STORE_CORRUPT;
	if (bytes[0] == 6) {
		row->address.in6.sin6_family = AF_INET6;
		memcpy(&row->address.in6.sin6_port, bytes + 1, 2);
		memcpy(&row->address.in6.sin6_addr, bytes + 3, 16);
		memcpy(&row->address.in6.sin6_scope_id, bytes + 19, 4);
	} else {
		row->address.in4.sin_family = AF_INET;
		memcpy(&row->address.in4.sin_port, bytes + 1, 2);
		memcpy(&row->address.in4.sin_addr, bytes + 3, 4);
	}
	return 0;
}

bool device_store_same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	struct device_row x = {0}, y = {0};
	uint8_t p[DEVICE_STORE_ADDRESS_BYTES], q[DEVICE_STORE_ADDRESS_BYTES];
	if (a->sa_family != b->sa_family)
		return false;
	size_t n = a->sa_family == AF_INET6 ? sizeof x.address.in6 : sizeof x.address.in4;
	memcpy(&x.address, a, n);
	memcpy(&y.address, b, n);
	device_store_pack_address(p, &x);
	device_store_pack_address(q, &y);
	return memcmp(p, q, sizeof p) == 0;
}
