/* SPDX-License-Identifier: Apache-2.0
 * The parts of a row as bytes: a version, the fields in order, numbers little-endian, texts with
 * their length in front, a CRC-32C behind. SQLite's pages have no checksum, and a wrong limit or
 * engineID would stay for months. */
#include "engine/store/device_store_internal.h"

#include "proto/base/crc.h"

#include <string.h>

enum { CRC_BYTES = 4 };

static void identity_fields(struct fields *f, struct device_row *row)
{
	fields_text(f, row->credential, sizeof row->credential);
	fields_text(f, row->vendor, sizeof row->vendor);
	fields_text(f, row->model, sizeof row->model);
	fields_text(f, row->serial, sizeof row->serial);
	fields_text(f, row->mac, sizeof row->mac);
	FIELD_U64(f, row->gone_wall_ms);
	FIELD_U8(f, row->version);
	FIELD_FLAG(f, row->is_printer);
	FIELD_FLAG(f, row->is_found);
}

/* The identity has had one format only; the profile is written in its newest. */
static void part_fields(struct fields *f, struct device_row *row, enum device_row_part part)
{
	bool is_profile = part == DEVICE_ROW_PROFILE;
	uint8_t format = is_profile ? DEVICE_PROFILE_FORMAT : 1, which = (uint8_t)part;
	FIELD_U8(f, format);
	FIELD_U8(f, which);
	if (format == 0 || format > (is_profile ? DEVICE_PROFILE_FORMAT : 1) || which != part)
		f->is_bad = true;
	else if (is_profile)
		device_profile_fields(f, &row->profile, format);
	else
		identity_fields(f, row);
}

/* A part belongs to its address: with a damaged key its checksum does not fit. */
static uint32_t checksum(const struct device_row *row, const uint8_t *bytes, size_t len)
{
	struct address_key address = address_key_of(&row->address.sa);
	return crc32c(crc32c(0, address.bytes, sizeof address.bytes), bytes, len);
}

size_t device_store_pack(uint8_t dst[DEVICE_STORE_PART_BYTES], const struct device_row *row,
	enum device_row_part part)
{
	struct device_row copy = *row;
	struct fields f = {.p = dst, .len = DEVICE_STORE_PART_BYTES - CRC_BYTES};
	part_fields(&f, &copy, part);
	uint32_t crc = checksum(row, dst, f.at);
	f.len = DEVICE_STORE_PART_BYTES;
	(void)fields_number(&f, crc, CRC_BYTES);
	return f.at;
}

/* The fields of a part whose checksum fits, for reading; .p is NULL if it does not. */
static struct fields open_part(struct device_row *row, const uint8_t *bytes, size_t len,
	uint8_t copy[DEVICE_STORE_PART_BYTES])
{
	if (len <= CRC_BYTES || len > DEVICE_STORE_PART_BYTES)
		return (struct fields){.p = NULL};
	memcpy(copy, bytes, len);
	struct fields tail = {.p = copy, .len = len, .at = len - CRC_BYTES, .is_reading = true};
	if (fields_number(&tail, 0, CRC_BYTES) != checksum(row, copy, len - CRC_BYTES))
		return (struct fields){.p = NULL};
	return (struct fields){.p = copy, .len = len - CRC_BYTES, .is_reading = true};
}

int device_store_unpack(
	struct device_row *row, enum device_row_part part, const uint8_t *bytes, size_t len)
{
	uint8_t copy[DEVICE_STORE_PART_BYTES];
	struct fields f = open_part(row, bytes, len, copy);
	struct device_row read = *row;
	if (f.p == NULL)
		return ERR_STORE_CORRUPT;
	part_fields(&f, &read, part);
	if (f.is_bad)
		return ERR_STORE_CORRUPT;
	*row = read; /* what lies behind our fields is a newer version's */
	return 0;
}

int device_store_unpack_engine(struct device_row *row, const uint8_t *bytes, size_t len)
{
	enum { ENGINE_PART = 1 << 2 };
	uint8_t copy[DEVICE_STORE_PART_BYTES], format = 0, which = 0;
	struct fields f = open_part(row, bytes, len, copy);
	struct usm_engine engine = {.id_len = 0};
	if (f.p == NULL)
		return ERR_STORE_CORRUPT;
	FIELD_U8(&f, format);
	FIELD_U8(&f, which);
	device_profile_engine_fields(&f, &engine);
	if (f.is_bad || format != 1 || which != ENGINE_PART)
		return ERR_STORE_CORRUPT;
	row->profile.engine = engine;
	return 0;
}

/* ---- addresses ---- */

int device_store_unpack_address(struct device_row *row, const uint8_t *bytes, size_t len)
{
	if (len != ADDRESS_KEY_BYTES || (bytes[0] != 4 && bytes[0] != 6))
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
