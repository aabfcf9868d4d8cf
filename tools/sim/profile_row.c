/* SPDX-License-Identifier: Apache-2.0
 * Encodes one row of a profile, ready to be copied into responses. */
#include "tools/sim/ber.h"
#include "tools/sim/profile_load.h"

#include "proto/smi/varbind.h"

#include <stdlib.h>
#include <string.h>

static struct row *new_row(struct row_table *t)
{
	if (t->count == t->cap) {
		size_t cap = t->cap == 0 ? 512 : t->cap * 2;
		if (t->cap >= PROFILE_ROWS)
			return NULL;
		struct row *rows = realloc(t->rows, cap * sizeof *rows);
		if (rows == NULL)
			return NULL;
		t->rows = rows;
		t->cap = cap;
	}
	struct row *r = &t->rows[t->count];
	*r = (struct row){.cond = -1};
	return r;
}

int profile_add_static(struct profile *p, struct row_table *into, struct oid_ber oid, int cond,
	uint8_t type, const uint8_t *value, size_t len)
{
	if (len > 60000 || oid.len > LIMIT_OID_SUBIDS * 5)
		return ERR_LIMIT;
	struct row *r = new_row(into);
	if (r == NULL)
		return ERR_FULL;
	size_t inner = 1 + ber_len_size(oid.len) + oid.len + 1 + ber_len_size(len) + len;
	size_t whole = 1 + ber_len_size(inner) + inner;
	uint8_t *w = profile_take(p, whole);
	if (w == NULL)
		return ERR_FULL;
	size_t at = 0;
	w[at++] = BER_SEQUENCE;
	at += ber_put_len(w + at, inner);
	w[at++] = BER_OID;
	at += ber_put_len(w + at, oid.len);
	memcpy(w + at, oid.p, oid.len);
	r->oid = (struct oid_ber){w + at, oid.len};
	at += oid.len;
	w[at++] = type;
	at += ber_put_len(w + at, len);
	if (len > 0)
		memcpy(w + at, value, len);
	r->value = w + at;
	r->value_len = (uint16_t)len;
	r->wire = w;
	r->wire_len = r->max_len = (uint16_t)whole;
	r->type = type;
	r->kind = ROW_STATIC;
	r->cond = (int8_t)cond;
	into->count++;
	return 0;
}

/* Adds a row whose value is computed per response: `what` has kind, type and its fields; its value
 * has at most max_value bytes. */
static int add_live(
	struct load *l, const struct oid *oid, int cond, struct row what, size_t max_value)
{
	struct profile *p = l->p;
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	int oid_len = oid_encode(ber, sizeof ber, oid);
	if (oid_len < 0)
		return load_fail(l, "this name cannot be encoded");
	size_t n = (size_t)oid_len;
	struct row *r = new_row(l->into);
	if (r == NULL)
		return load_fail(l, "too many rows");
	*r = what;
	size_t inner = 1 + ber_len_size(n) + n + 1 + ber_len_size(max_value) + max_value;
	r->seq_size = inner < 0x80 ? 1 : 3;
	uint8_t *w = profile_take(p, 8 + n);
	if (w == NULL)
		return load_fail(l, "out of memory");
	size_t at = 0;
	w[at++] = BER_SEQUENCE;
	at += r->seq_size;
	w[at++] = BER_OID;
	at += ber_put_len(w + at, n);
	memcpy(w + at, ber, n);
	r->oid = (struct oid_ber){w + at, n};
	at += n;
	w[at++] = r->type;
	r->wire = w;
	r->wire_len = (uint16_t)at;
	r->max_len = (uint16_t)(1u + r->seq_size + inner);
	r->cond = (int8_t)cond;
	l->into->count++;
	return 0;
}

static int add_static(struct load *l, const struct oid *oid, int cond, uint8_t type,
	const uint8_t *value, size_t len)
{
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	int n = oid_encode(ber, sizeof ber, oid);
	if (n < 0)
		return load_fail(l, "this name cannot be encoded");
	int err = profile_add_static(
		l->p, l->into, (struct oid_ber){ber, (size_t)n}, cond, type, value, len);
	return err < 0 ? load_fail(l, "too many or too long rows") : 0;
}

struct type_word {
	const char *word;
	uint8_t type;
};

static const struct type_word type_words[] = {{"integer", BER_INTEGER}, {"counter", BER_COUNTER32},
	{"gauge", BER_GAUGE32}, {"ticks", BER_TIMETICKS}, {"counter64", BER_COUNTER64},
	{"string", BER_OCTETS}, {"hex", BER_OCTETS}, {"oid", BER_OID}, {"ip", BER_IPADDRESS},
	{"bits", BER_OCTETS}, {"records", BER_OCTETS}, {"clock", BER_OCTETS}};

static bool is_number_type(uint8_t type)
{
	return type == BER_INTEGER || type == BER_COUNTER32 || type == BER_GAUGE32 ||
	       type == BER_TIMETICKS || type == BER_COUNTER64;
}

/* A fixed value as contents bytes: the length, or an error. */
static int fixed_value(struct load *l, uint8_t type, bool is_hex, struct text t, uint8_t *dst)
{
	if (is_number_type(type)) {
		int64_t v, min = type == BER_INTEGER ? INT32_MIN : 0;
		int64_t max = type == BER_INTEGER     ? INT32_MAX
			      : type == BER_COUNTER64 ? INT64_MAX
						      : UINT32_MAX;
		if (load_number(t, min, max, &v) < 0)
			return load_fail(l, "\"%.*s\" is not a number of this type", TEXT_ARG(t));
		return (int)ber_put_i64(dst, v);
	}
	if (is_hex) {
		int n = str_unhex(dst, PROFILE_VALUE, t.p, t.len);
		return n < 0 ? load_fail(l, "wrong hexadecimal digits") : n;
	}
	if (type == BER_OID) {
		struct oid o;
		if (load_oid(l, t, &o) < 0)
			return ERR_FORMAT;
		int n = oid_encode(dst, PROFILE_VALUE, &o);
		return n < 0 ? load_fail(l, "this name cannot be encoded") : n;
	}
	if (type == BER_IPADDRESS) {
		struct text rest = t;
		for (size_t i = 0; i < 4; i++) {
			int64_t v;
			if (load_number(load_cell(&rest, '.'), 0, 255, &v) < 0)
				return load_fail(l, "not an IPv4 address");
			dst[i] = (uint8_t)v;
		}
		return rest.len > 0 ? load_fail(l, "not an IPv4 address") : 4;
	}
	return load_quoted(l, t, dst, PROFILE_VALUE);
}

/* "5 if jam door / 3 if black.low / 2": the rest behind the word pick, or bits, or records. */
static int choices(struct load *l, struct row *r, bool is_hex, char sep, struct text rest)
{
	struct choice list[PROFILE_CONDS];
	size_t n = 0;
	while (rest.len > 0) {
		struct text one = load_cell(&rest, sep);
		if (one.len == 0)
			continue;
		if (n == sizeof list / sizeof list[0])
			return load_fail(l, "too many alternatives");
		struct choice *c = &list[n++];
		*c = (struct choice){0};
		if (r->kind == ROW_RECORDS) {
			struct text code = load_cell(&one, '=');
			uint8_t byte;
			if (code.len != 2 || str_unhex(&byte, 1, code.p, 2) != 1)
				return load_fail(l,
					"a record is CODE=NAME, its code two hexadecimal digits");
			int var = load_var(l, one);
			if (var < 0)
				return var;
			c->number = byte;
			c->var = (uint16_t)var;
			continue;
		}
		/* The condition is behind the last " if " outside of quotes. */
		struct text value = one;
		bool in_quotes = false;
		for (size_t i = 0; i + 4 <= one.len; i++) {
			if (one.p[i] == '"')
				in_quotes = !in_quotes;
			if (!in_quotes && memcmp(one.p + i, " if ", 4) == 0) {
				value.len = i;
				int err = load_conds(l,
					(struct text){one.p + i + 4, one.len - i - 4}, &c->conds);
				if (err < 0)
					return err;
				break;
			}
		}
		if (r->kind == ROW_BITS) {
			int64_t bit;
			if (load_number(value, 0, 15, &bit) < 0)
				return load_fail(l, "a bit is a number up to 15");
			c->number = (uint16_t)bit;
			continue;
		}
		uint8_t bytes[PROFILE_VALUE];
		int len = fixed_value(l, r->type, is_hex, value, bytes);
		if (len < 0)
			return len;
		uint8_t *keep = profile_take(l->p, (size_t)len + 1);
		if (keep == NULL)
			return load_fail(l, "out of memory");
		memcpy(keep, bytes, (size_t)len);
		c->value = keep;
		c->len = (uint16_t)len;
	}
	if (r->kind == ROW_PICK && (n == 0 || list[n - 1].conds != 0))
		return load_fail(l, "the last alternative of pick has no condition");
	struct choice *keep = profile_take(l->p, (n + 1) * sizeof *keep);
	if (keep == NULL)
		return load_fail(l, "out of memory");
	memcpy(keep, list, n * sizeof *keep);
	r->choice = keep;
	r->choices = (uint16_t)n;
	return 0;
}

static int pick_row(struct load *l, const struct oid *oid, int cond, struct row r, bool is_hex,
	struct text rest)
{
	r.kind = ROW_PICK;
	int err = choices(l, &r, is_hex, '/', rest);
	if (err < 0)
		return err;
	size_t max = 0;
	for (size_t i = 0; i < r.choices; i++)
		max = r.choice[i].len > max ? r.choice[i].len : max;
	return add_live(l, oid, cond, r, max);
}

static int text_row(
	struct load *l, const struct oid *oid, int cond, struct row r, struct text value)
{
	uint8_t bytes[PROFILE_VALUE];
	int n = load_quoted(l, value, bytes, sizeof bytes);
	if (n < 0)
		return n;
	if (memchr(bytes, '{', (size_t)n) == NULL)
		return add_static(l, oid, cond, BER_OCTETS, bytes, (size_t)n);
	uint8_t *keep = profile_take(l->p, (size_t)n + 1);
	if (keep == NULL)
		return load_fail(l, "out of memory");
	memcpy(keep, bytes, (size_t)n);
	r.kind = ROW_TEXT;
	r.value = keep;
	r.value_len = (uint16_t)n;
	size_t holes = 0;
	for (int i = 0; i < n; i++)
		holes += bytes[i] == '{';
	size_t max = (size_t)n + holes * PROFILE_NAME;
	if (max > PROFILE_VALUE)
		return load_fail(l, "the text is too long");
	return add_live(l, oid, cond, r, max);
}

int load_row(struct load *l, const struct oid *oid, int cond, struct text type, struct text value)
{
	struct row r = {0};
	for (size_t i = 0; i < sizeof type_words / sizeof type_words[0]; i++)
		if (text_is(type, type_words[i].word))
			r.type = type_words[i].type;
	if (r.type == 0)
		return load_fail(l, "unknown type \"%.*s\"", TEXT_ARG(type));
	bool is_hex = text_is(type, "hex");
	struct text rest = value;
	struct text word = load_word(&rest);
	if (text_is(word, "pick"))
		return pick_row(l, oid, cond, r, is_hex, rest);
	if (text_is(type, "bits")) {
		int64_t size;
		if (load_number(word, 1, 2, &size) < 0)
			return load_fail(l, "bits needs its number of bytes, 1 or 2, first");
		r.kind = ROW_BITS;
		r.var = (uint16_t)size;
		int err = choices(l, &r, false, '/', rest);
		return err < 0 ? err : add_live(l, oid, cond, r, (size_t)size);
	}
	if (text_is(type, "records")) {
		r.kind = ROW_RECORDS;
		int err = choices(l, &r, false, ' ', value);
		return err < 0 ? err : add_live(l, oid, cond, r, 7u * r.choices + 1u);
	}
	if (text_is(type, "clock")) {
		r.kind = ROW_CLOCK;
		return add_live(l, oid, cond, r, 8);
	}
	if (text_is(type, "string"))
		return text_row(l, oid, cond, r, value);
	if (r.type == BER_TIMETICKS && (text_is(value, "uptime") || text_is(value, "raised"))) {
		r.kind = text_is(value, "uptime") ? ROW_UPTIME : ROW_RAISED;
		return add_live(l, oid, cond, r, 5);
	}
	if (is_number_type(r.type) && value.len > 1 && value.p[0] == '=') {
		int var = load_var(l, (struct text){value.p + 1, value.len - 1});
		if (var < 0)
			return var;
		r.kind = ROW_NUMBER;
		r.var = (uint16_t)var;
		return add_live(l, oid, cond, r, 5);
	}
	uint8_t bytes[PROFILE_VALUE];
	int n = fixed_value(l, r.type, is_hex, value, bytes);
	return n < 0 ? n : add_static(l, oid, cond, r.type, bytes, (size_t)n);
}
