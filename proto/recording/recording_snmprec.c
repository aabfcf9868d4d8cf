/* SPDX-License-Identifier: Apache-2.0
 * snmpsim's .snmprec: OID|TAG|VALUE, one varbind per line. The value may contain bars. After the
 * tag, x means hexadecimal and e means backslash escapes. TAG:module calls a variation module of
 * snmpsim; such lines are skipped. */
#include "proto/recording/recording_internal.h"

#include <string.h>

static struct text take_field(struct text *rest)
{
	const char *bar = rest->len == 0 ? NULL : memchr(rest->p, '|', rest->len);
	struct text field = {rest->p, bar == NULL ? rest->len : (size_t)(bar - rest->p)};
	size_t used = bar == NULL ? field.len : field.len + 1;
	rest->p += used;
	rest->len -= used;
	return field;
}

static uint8_t type_of_tag(struct text number)
{
	static const struct {
		const char *tag;
		uint8_t type;
	} tags[] = {{"2", BER_INTEGER}, {"4", BER_OCTETS}, {"5", BER_NULL}, {"6", BER_OID},
		{"64", BER_IPADDRESS}, {"65", BER_COUNTER32}, {"66", BER_GAUGE32},
		{"67", BER_TIMETICKS}, {"68", BER_OPAQUE}, {"70", BER_COUNTER64}};
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (text_is(number, tags[i].tag))
			return tags[i].type;
	return 0;
}

static int add_hex(
	struct recording_reader *r, const struct oid *name, uint8_t type, struct text value)
{
	struct buf bytes;
	size_t used;
	buf_open(&bytes, LIMIT_WALK_VALUE);
	int err = recording_hex(&bytes, value, &used);
	if (err < 0)
		err = recording_fail(r, err == ERR_FULL ? ERR_LIMIT : err, "the value is too long");
	else if (used != value.len || (type == BER_IPADDRESS && bytes.len != 4))
		err = recording_fail(r, ERR_FORMAT, "wrong hexadecimal digits");
	else
		err = recording_add(r, name, type, bytes.data, bytes.len);
	buf_close(&bytes);
	return err;
}

/* \n \r \t \\ \" \xHH; other pairs stay as they are. */
static int add_escaped(struct recording_reader *r, const struct oid *name, struct text value)
{
	struct buf bytes;
	int err = 0;
	buf_open(&bytes, LIMIT_WALK_VALUE);
	for (size_t i = 0; err == 0 && i < value.len; i++) {
		static const char letters[] = "nrt\\\"", plain[] = "\n\r\t\\\"";
		uint8_t c = (uint8_t)value.p[i];
		if (c == '\\' && i + 1 < value.len) {
			const char *known = memchr(letters, value.p[i + 1], sizeof letters - 1);
			if (known != NULL) {
				c = (uint8_t)plain[known - letters];
				i++;
			} else if (value.p[i + 1] == 'x' && i + 3 < value.len &&
				   str_unhex(&c, 1, value.p + i + 2, 2) == 1) {
				i += 3;
			}
		}
		err = buf_put(&bytes, &c, 1);
	}
	return recording_add_buf(r, name, BER_OCTETS, &bytes, err);
}

static int read_line(struct recording_reader *r, struct text line)
{
	struct oid name;
	struct text rest = line;
	struct text oid_text = take_field(&rest);
	struct text tag = take_field(&rest);
	if (oid_from(&name, oid_text) < 0 || name.len < 2)
		return recording_fail(
			r, ERR_FORMAT, "an object identifier is required before the first |");
	if (tag.len > 0 && memchr(tag.p, ':', tag.len) != NULL) {
		r->w->skipped++;
		return 0;
	}
	char how = tag.len > 0 ? tag.p[tag.len - 1] : '\0';
	bool is_hex = how == 'x', is_escaped = how == 'e';
	struct text number = {tag.p, is_hex || is_escaped ? tag.len - 1 : tag.len};
	uint8_t type = type_of_tag(number);
	if (type == 0 || (is_escaped && type != BER_OCTETS) ||
		(is_hex && type != BER_OCTETS && type != BER_IPADDRESS && type != BER_OPAQUE))
		return recording_fail(r, ERR_FORMAT, "unknown tag");
	if (is_hex)
		return add_hex(r, &name, type, rest);
	if (is_escaped)
		return add_escaped(r, &name, rest);
	return recording_add_text(r, &name, type, rest);
}

int recording_read_snmprec(struct recording_reader *r, struct text in)
{
	while (in.len > 0) {
		struct text line = recording_line(&in);
		r->line++;
		if (text_trimmed(line).len == 0 || line.p[0] == '#')
			continue;
		int err = recording_damaged(r, read_line(r, line));
		if (err < 0)
			return err;
	}
	return 0;
}
