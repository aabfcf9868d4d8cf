/* SPDX-License-Identifier: Apache-2.0
 * The commands "check" and "held": values during a window. */
#include "tools/sim/control.h"
#include "tools/sim/truth.h"

#include "proto/base/str.h"
#include "proto/smi/varbind.h"

#include <string.h>

/* A claimed value of a row. */
struct claim {
	bool is_absent, is_number, is_hex;
	int64_t number;
	const char *text;
	size_t text_len;
};

static bool number_of(const struct truth_value *v, int64_t *ret)
{
	struct varbind vb = {{NULL, 0}, v->type, v->bytes, v->len};
	uint64_t u;
	if (v->type == BER_INTEGER)
		return varbind_integer(&vb, ret) == 0;
	if (varbind_unsigned(&vb, &u) < 0 || u > INT64_MAX)
		return false;
	*ret = (int64_t)u;
	return true;
}

/* Texts are equal if the bytes are, or after clean-up: valid UTF-8, no control characters, trimmed.
 */
static bool is_text(const struct truth_value *v, const char *text, size_t len)
{
	char shown[PROFILE_VALUE * 3 + 1];
	if (v->type == BER_OID) {
		struct oid oid;
		return oid_decode(&oid, (struct oid_ber){v->bytes, v->len}) == 0 &&
		       oid_to_text(shown, sizeof shown, &oid) == len &&
		       memcmp(shown, text, len) == 0;
	}
	if (v->type != BER_OCTETS)
		return false;
	if (v->len == len && memcmp(v->bytes, text, len) == 0)
		return true;
	return str_scrub(shown, sizeof shown, v->bytes, v->len) == len &&
	       memcmp(shown, text, len) == 0;
}

static int claim_fits(void *owner, uint64_t from_ms, uint64_t until_ms,
	const struct truth_value *first, const struct truth_value *last)
{
	const struct claim *c = owner;
	(void)from_ms;
	(void)until_ms;
	if (!first->is_there)
		return c->is_absent;
	if (c->is_absent)
		return 0;
	if (c->is_number) {
		int64_t low, high;
		return number_of(first, &low) && number_of(last, &high) && low <= c->number &&
		       c->number <= high;
	}
	if (c->is_hex) {
		char hex[2 * PROFILE_VALUE + 1];
		if (first->len > PROFILE_VALUE || c->text_len != 2u * first->len)
			return 0;
		str_hex(hex, first->bytes, first->len);
		return memcmp(hex, c->text, c->text_len) == 0;
	}
	return is_text(first, c->text, c->text_len) || is_text(last, c->text, c->text_len);
}

/* {"oid":..,"value":..|"hex":..|"absent":true} */
static int read_claim(const json_t *one, struct claim *c)
{
	const json_t *value = json_object_get(one, "value");
	const json_t *hex = json_object_get(one, "hex");
	*c = (struct claim){.is_absent = json_is_true(json_object_get(one, "absent"))};
	if (c->is_absent)
		return 0;
	if (json_is_integer(value)) {
		c->is_number = true;
		c->number = json_integer_value(value);
		return 0;
	}
	c->is_hex = json_is_string(hex);
	c->text = json_string_value(c->is_hex ? hex : value);
	c->text_len = json_string_length(c->is_hex ? hex : value);
	return c->text == NULL ? ERR_TYPE : 0;
}

static int read_window(const json_t *one, uint64_t *from_ms, uint64_t *to_ms)
{
	const json_t *from = json_object_get(one, "from_ms"), *to = json_object_get(one, "to_ms");
	if (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) < 0 ||
		json_integer_value(to) < json_integer_value(from))
		return ERR_RANGE;
	*from_ms = (uint64_t)json_integer_value(from);
	*to_ms = (uint64_t)json_integer_value(to);
	return 0;
}

json_t *command_check(const struct fleet *f, const struct printer *p, const json_t *command)
{
	static struct truth t;
	const json_t *claims = json_object_get(command, "claims"), *one;
	size_t i;
	if (!json_is_array(claims))
		return command_error("claims: list expected");
	json_t *wrong = json_array();
	truth_begin(&t, f, p);
	json_array_foreach(claims, i, one)
	{
		uint8_t ber[LIMIT_OID_SUBIDS * 5];
		uint64_t from_ms, to_ms;
		struct claim c;
		int n = command_oid(json_object_get(one, "oid"), ber, sizeof ber);
		if (n < 0 || read_window(one, &from_ms, &to_ms) < 0 || read_claim(one, &c) < 0) {
			json_decref(wrong);
			return command_error("claim %zu: oid, value (or hex, or absent), from_ms, "
					     "to_ms expected",
				i);
		}
		int fits = truth_window(
			&t, (struct oid_ber){ber, (size_t)n}, from_ms, to_ms, claim_fits, &c);
		if (fits < 0) {
			json_decref(wrong);
			return command_error("claim %zu: the window is too long", i);
		}
		if (fits == 0)
			json_array_append_new(wrong, json_integer((json_int_t)i));
	}
	return json_pack("{s:b, s:I, s:o}", "ok", 1, "claims", (json_int_t)json_array_size(claims),
		"wrong", wrong);
}

struct value_list {
	json_t *values;
	struct truth_value last;
};

static bool is_same(const struct truth_value *a, const struct truth_value *b)
{
	return a->is_there == b->is_there &&
	       (!a->is_there || (a->type == b->type && a->len == b->len &&
					memcmp(a->bytes, b->bytes, a->len) == 0));
}

static int add_held(void *owner, uint64_t from_ms, uint64_t until_ms,
	const struct truth_value *first, const struct truth_value *last)
{
	struct value_list *h = owner;
	size_t n = json_array_size(h->values);
	json_t *one = n == 0 ? NULL : json_array_get(h->values, n - 1);
	if (one != NULL && is_same(first, &h->last) && is_same(first, last)) {
		json_object_set_new(one, "until_ms", json_integer((json_int_t)until_ms));
		return 0;
	}
	if (n == CONTROL_VALUES)
		return ERR_LIMIT;
	one = value_to_json(first);
	json_object_set_new(one, "from_ms", json_integer((json_int_t)from_ms));
	json_object_set_new(one, "until_ms", json_integer((json_int_t)until_ms));
	if (!is_same(first, last)) {
		json_t *end = value_to_json(last);
		json_object_set(one, "last", json_object_get(end, "value"));
		json_decref(end);
	}
	json_array_append_new(h->values, one);
	h->last = *last;
	if (h->last.bytes == last->room)
		h->last.bytes = h->last.room;
	return 0;
}

json_t *command_held(const struct fleet *f, const struct printer *p, const json_t *command)
{
	static struct truth t;
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	uint64_t from_ms, to_ms;
	int n = command_oid(json_object_get(command, "oid"), ber, sizeof ber);
	if (n < 0 || read_window(command, &from_ms, &to_ms) < 0)
		return command_error("held: oid, from_ms and to_ms >= from_ms expected");
	static struct value_list h;
	h.values = json_array();
	truth_begin(&t, f, p);
	if (truth_window(&t, (struct oid_ber){ber, (size_t)n}, from_ms, to_ms, add_held, &h) < 0) {
		json_decref(h.values);
		return command_error("the window is too long");
	}
	return json_pack("{s:b, s:o}", "ok", 1, "values", h.values);
}
