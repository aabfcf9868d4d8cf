/* SPDX-License-Identifier: Apache-2.0
 * SNMP values to JSON and back. */
#include "tools/sim/ber.h"
#include "tools/sim/control.h"
#include "tools/sim/truth.h"

#include "proto/base/str.h"
#include "proto/smi/varbind.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

struct type_name {
	uint8_t type;
	const char *name;
};

/* The first name of a type is the one that is written. */
static const struct type_name type_names[] = {{BER_INTEGER, "integer"}, {BER_OCTETS, "string"},
	{BER_OCTETS, "hex"}, {BER_NULL, "null"}, {BER_OID, "oid"}, {BER_IPADDRESS, "ip"},
	{BER_COUNTER32, "counter"}, {BER_GAUGE32, "gauge"}, {BER_TIMETICKS, "ticks"},
	{BER_OPAQUE, "opaque"}, {BER_COUNTER64, "counter64"}, {SET_ABSENT, "absent"},
	{SET_LIVE, "live"}};

const char *value_type_name(uint8_t type)
{
	for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++)
		if (type_names[i].type == type)
			return type_names[i].name;
	return "unknown";
}

static bool is_plain_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] < 0x20 && p[i] != '\n' && p[i] != '\r' && p[i] != '\t') || p[i] == 0x7f)
			return false;
	return str_is_utf8(p, len);
}

static void add_octets(json_t *o, const struct truth_value *v)
{
	char hex[2 * PROFILE_VALUE + 1];
	size_t len = v->len < PROFILE_VALUE ? v->len : PROFILE_VALUE;
	if (is_plain_text(v->bytes, v->len))
		json_object_set_new(o, "value", json_stringn((const char *)v->bytes, v->len));
	str_hex(hex, v->bytes, len);
	json_object_set_new(o, "hex", json_string(hex));
}

json_t *value_to_json(const struct truth_value *v)
{
	json_t *o = json_object();
	if (!v->is_there) {
		json_object_set_new(o, "type", json_string("absent"));
		return o;
	}
	json_object_set_new(o, "type", json_string(value_type_name(v->type)));
	struct varbind vb = {{NULL, 0}, v->type, v->bytes, v->len};
	int64_t i;
	uint64_t u;
	if (v->type == BER_OCTETS || v->type == BER_OPAQUE) {
		add_octets(o, v);
	} else if (v->type == BER_OID) {
		char text[LIMIT_OID_SUBIDS * 11];
		struct oid oid;
		size_t n = 0;
		if (oid_decode(&oid, (struct oid_ber){v->bytes, v->len}) == 0)
			n = oid_to_text(text, sizeof text, &oid);
		json_object_set_new(o, "value", json_stringn(text, n));
	} else if (v->type == BER_IPADDRESS && v->len == 4) {
		char text[16];
		int n = snprintf(text, sizeof text, "%u.%u.%u.%u", v->bytes[0], v->bytes[1],
			v->bytes[2], v->bytes[3]);
		json_object_set_new(o, "value", json_stringn(text, (size_t)n));
	} else if (v->type == BER_INTEGER && varbind_integer(&vb, &i) == 0) {
		json_object_set_new(o, "value", json_integer(i));
	} else if (varbind_unsigned(&vb, &u) == 0) {
		json_object_set_new(o, "value", json_integer((json_int_t)u));
	} else {
		json_object_set_new(o, "value", json_null());
	}
	return o;
}

static int number_from_json(const json_t *value, uint8_t type, uint8_t *dst, char *why)
{
	if (!json_is_integer(value)) {
		snprintf(why, LIMIT_WHY, "value: integer expected");
		return ERR_TYPE;
	}
	int64_t v = json_integer_value(value);
	int64_t min = type == BER_INTEGER ? INT32_MIN : 0;
	int64_t max = type == BER_INTEGER     ? INT32_MAX
		      : type == BER_COUNTER64 ? INT64_MAX
					      : UINT32_MAX;
	if (v < min || v > max) {
		snprintf(why, LIMIT_WHY, "value: out of the type's range");
		return ERR_RANGE;
	}
	return (int)ber_put_i64(dst, v);
}

static int text_from_json(
	const json_t *value, const char *name, uint8_t type, uint8_t *dst, char *why)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);
	int n = ERR_TYPE;
	if (text == NULL) {
		snprintf(why, LIMIT_WHY, "value: text expected");
		return ERR_TYPE;
	}
	if (type == BER_OID) {
		n = command_oid(value, dst, PROFILE_VALUE);
	} else if (type == BER_IPADDRESS) {
		n = inet_pton(AF_INET, text, dst) == 1 ? 4 : ERR_FORMAT;
	} else if (strcmp(name, "hex") == 0) {
		n = str_unhex(dst, PROFILE_VALUE, text, len);
	} else if (len <= PROFILE_VALUE) {
		memcpy(dst, text, len);
		n = (int)len;
	}
	if (n < 0)
		snprintf(why, LIMIT_WHY, "value: wrong, or over %d bytes", PROFILE_VALUE);
	return n;
}

int value_from_json(
	const json_t *command, uint8_t *type, uint8_t dst[PROFILE_VALUE], char why[LIMIT_WHY])
{
	const char *name = json_string_value(json_object_get(command, "type"));
	const json_t *value = json_object_get(command, "value");
	for (size_t i = 0; name != NULL && i < sizeof type_names / sizeof type_names[0]; i++) {
		if (strcmp(type_names[i].name, name) != 0)
			continue;
		*type = type_names[i].type;
		switch (*type) {
		case SET_ABSENT:
		case SET_LIVE:
		case BER_NULL:
			return 0;
		case BER_INTEGER:
		case BER_COUNTER32:
		case BER_GAUGE32:
		case BER_TIMETICKS:
		case BER_COUNTER64:
			return number_from_json(value, *type, dst, why);
		default:
			return text_from_json(value, name, *type, dst, why);
		}
	}
	snprintf(why, LIMIT_WHY,
		"type: one of integer counter gauge ticks counter64 string hex oid ip null absent "
		"live");
	return ERR_TYPE;
}
