/* SPDX-License-Identifier: Apache-2.0
 * The three JSON formats. PrintMaster's .pdus.json has types, and the bytes of a text in hex_value;
 * .oidvalue.json and .oidmap.json have neither. A list as a value is one of Brother's binary
 * objects, one row of hexadecimal digits per record; the object ends with ff. */
#include "proto/recording/recording_internal.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static struct text text_in(const json_t *v)
{
	return (struct text){json_string_value(v), json_string_length(v)};
}

static int read_name(struct recording_reader *r, struct text t, struct oid *name)
{
	if (t.p == NULL || oid_from(name, t) < 0 || name->len < 2)
		return recording_fail(r, ERR_FORMAT, "oid: an object identifier is required");
	return 0;
}

static int add_hex_rows(struct recording_reader *r, const struct oid *name, const json_t *rows)
{
	struct buf bytes;
	size_t i;
	const json_t *row;
	int err = 0;
	buf_open(&bytes, LIMIT_WALK_VALUE);
	json_array_foreach(rows, i, row)
	{
		struct text t = text_in(row);
		size_t used = 0;
		if (t.p == NULL || recording_hex(&bytes, t, &used) < 0 || used != t.len) {
			err = recording_fail(
				r, ERR_FORMAT, "a record is text of hexadecimal digits");
			break;
		}
	}
	static const uint8_t end = 0xff;
	if (err == 0 && buf_put(&bytes, &end, 1) < 0)
		err = recording_fail(r, ERR_LIMIT, "the value is too long");
	if (err == 0)
		err = recording_add(r, name, BER_OCTETS, bytes.data, bytes.len);
	buf_close(&bytes);
	return err;
}

static int add_typeless(struct recording_reader *r, struct text name_text, const json_t *value)
{
	struct oid name;
	char number[32];
	int err = read_name(r, name_text, &name);
	if (err < 0)
		return err;
	if (json_is_array(value))
		return add_hex_rows(r, &name, value);
	if (json_is_string(value))
		return recording_add_typeless(r, &name, name_text, text_in(value));
	if (json_is_integer(value)) {
		int n = snprintf(
			number, sizeof number, "%lld", (long long)json_integer_value(value));
		return recording_add_typeless(
			r, &name, name_text, (struct text){number, (size_t)n});
	}
	/* null: requested, without a value */
	if (json_is_null(value)) {
		r->w->skipped++;
		return 0;
	}
	return recording_fail(r, ERR_FORMAT, "value: text, a number or a list is required");
}

static int add_octets(struct recording_reader *r, const struct oid *name, const json_t *hex)
{
	struct buf bytes;
	size_t used = 0;
	struct text t = text_in(hex);
	/* No hex_value: the text was empty. */
	if (t.p == NULL)
		return recording_add(r, name, BER_OCTETS, NULL, 0);
	buf_open(&bytes, LIMIT_WALK_VALUE);
	int err = recording_hex(&bytes, t, &used);
	if (err < 0 || used != t.len)
		err = recording_fail(r, ERR_FORMAT, "hex_value: wrong digits, or too long");
	else
		err = recording_add(r, name, BER_OCTETS, bytes.data, bytes.len);
	buf_close(&bytes);
	return err;
}

static int add_pdu(struct recording_reader *r, const json_t *entry)
{
	static const struct {
		const char *name;
		uint8_t type;
	} types[] = {{"Integer", BER_INTEGER}, {"OctetString", BER_OCTETS},
		{"ObjectIdentifier", BER_OID}, {"Counter32", BER_COUNTER32},
		{"Gauge32", BER_GAUGE32}, {"TimeTicks", BER_TIMETICKS},
		{"IPAddress", BER_IPADDRESS}, {"Counter64", BER_COUNTER64}, {"Null", BER_NULL}};
	struct oid name;
	int err = read_name(r, text_in(json_object_get(entry, "oid")), &name);
	if (err < 0)
		return err;
	struct text word = text_in(json_object_get(entry, "type"));
	struct text value = text_in(json_object_get(entry, "value"));
	uint8_t type = 0;
	for (size_t i = 0; word.p != NULL && i < sizeof types / sizeof types[0]; i++)
		if (text_is(word, types[i].name))
			type = types[i].type;
	if (type == BER_OCTETS)
		return add_octets(r, &name, json_object_get(entry, "hex_value"));
	/* NoSuchObject, EndOfMibView and the like have no value to keep. */
	if (type == 0 && word.p != NULL) {
		r->w->skipped++;
		return 0;
	}
	if (type == 0 || (value.p == NULL && type != BER_NULL))
		return recording_fail(r, ERR_FORMAT, "type and value: text is required");
	return recording_add_text(r, &name, type, type == BER_NULL ? (struct text){"", 0} : value);
}

static int read_list(struct recording_reader *r, enum recording_format format, const json_t *root)
{
	const json_t *entry;
	json_array_foreach(root, r->line, entry)
	{
		int err;
		if (format == RECORDING_PDUS)
			err = add_pdu(r, entry);
		else
			err = add_typeless(r, text_in(json_object_get(entry, "oid")),
				json_object_get(entry, "value"));
		err = recording_damaged(r, err);
		if (err < 0)
			return err;
	}
	return 0;
}

static int read_map(struct recording_reader *r, json_t *root)
{
	const char *key;
	json_t *value;
	json_object_foreach(root, key, value)
	{
		int err = recording_damaged(r, add_typeless(r, text_of(key), value));
		if (err < 0)
			return err;
		r->line++;
	}
	return 0;
}

int recording_read_json(struct recording_reader *r, enum recording_format format, struct text in)
{
	json_error_t why;
	json_t *root = json_loadb(in.p, in.len, JSON_ALLOW_NUL, &why);
	if (root == NULL) {
		r->line = why.line > 0 ? (size_t)why.line : 0;
		return recording_fail(r, ERR_FORMAT, why.text);
	}
	r->unit = "entry";
	r->line = 0;
	int err;
	if (format == RECORDING_OIDMAP ? !json_is_object(root) : !json_is_array(root))
		err = recording_fail(r, ERR_FORMAT,
			format == RECORDING_OIDMAP ? "an object is required"
						   : "a list is required");
	else
		err = format == RECORDING_OIDMAP ? read_map(r, root) : read_list(r, format, root);
	json_decref(root);
	return err;
}
