/* SPDX-License-Identifier: Apache-2.0
 * The output of net-snmp's snmpwalk, also after manual edits: "NAME = TYPE: VALUE". A varbind
 * begins with a line of a word and " = ". A text may continue over further lines, up to a blank
 * line or a heading, as some files have web pages pasted at the end; a label may follow a number.
 * Lines outside of varbinds are skipped. */
#include "proto/recording/recording_internal.h"

#include <string.h>

/* Splits "NAME = VALUE"; false if no varbind begins on this line. */
static bool split_head(struct text line, struct text *name, struct text *value)
{
	size_t n = 0;
	while (n < line.len && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	if (n == 0 || line.len - n < 3 || memcmp(line.p + n, " = ", 3) != 0) {
		/* An empty value: nothing follows the sign. */
		if (n == 0 || line.len - n != 2 || memcmp(line.p + n, " =", 2) != 0)
			return false;
		*name = (struct text){line.p, n};
		*value = (struct text){line.p + line.len, 0};
		return true;
	}
	*name = (struct text){line.p, n};
	*value = (struct text){line.p + n + 3, line.len - n - 3};
	return true;
}

static bool take_prefix(struct text *t, const char *prefix)
{
	size_t n = strlen(prefix);
	if (!recording_starts(*t, prefix))
		return false;
	t->p += n;
	t->len -= n;
	return true;
}

/* The number in "5", "-3", "up(1)", "(302910441) 35 days", "105 TOT", "running(2)". */
static struct text leading_number(struct text t)
{
	t = text_trimmed(t);
	bool is_plain = t.len > 0 && (t.p[0] == '-' || (t.p[0] >= '0' && t.p[0] <= '9'));
	if (!is_plain) {
		const char *open = t.len == 0 ? NULL : memchr(t.p, '(', t.len);
		if (open == NULL)
			return (struct text){t.p, 0};
		t.len -= (size_t)(open + 1 - t.p);
		t.p = open + 1;
	}
	size_t n = t.len > 0 && t.p[0] == '-' ? 1 : 0;
	while (n < t.len && t.p[n] >= '0' && t.p[n] <= '9')
		n++;
	return (struct text){t.p, n};
}

/* The end of a text that continues over lines: a blank line, a heading, the end of the input. */
static bool ends_text(struct text line)
{
	static const char *const headings[] = {"CONTATORI", "COMSUMABILI", "CONSUMABILI",
		"End of MIB", "snmpwalk ", "snmpbulkwalk "};
	struct text name, value;
	if (text_trimmed(line).len == 0 || split_head(line, &name, &value))
		return true;
	for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
		if (recording_starts(line, headings[i]))
			return true;
	return false;
}

/* Appends a line of a quoted text up to its closing quote; true if that was found. */
static bool add_quoted(struct buf *out, struct text line, int *err)
{
	for (size_t i = 0; i < line.len && *err == 0; i++) {
		char c = line.p[i];
		if (c == '"')
			return true;
		if (c == '\\' && i + 1 < line.len &&
			(line.p[i + 1] == '"' || line.p[i + 1] == '\\'))
			c = line.p[++i];
		*err = buf_put(out, &c, 1);
	}
	return false;
}

static int add_string(
	struct recording_reader *r, const struct oid *name, struct text first, struct text *rest)
{
	struct buf bytes;
	int err = 0;
	buf_open(&bytes, LIMIT_WALK_VALUE);
	bool is_quoted = take_prefix(&first, "\"");
	bool is_done = false;
	if (is_quoted)
		is_done = add_quoted(&bytes, first, &err);
	else
		err = buf_put(&bytes, first.p, first.len);
	while (!is_done && err == 0 && rest->len > 0) {
		struct text ahead = *rest;
		struct text line = recording_line(&ahead);
		/* A quoted text may hold blank lines: it ends when the quote closes, or at the next
		 * varbind if the quote never closes. */
		struct text next_name, next_value;
		if (is_quoted ? split_head(line, &next_name, &next_value) : ends_text(line))
			break;
		*rest = ahead;
		r->line++;
		err = buf_put(&bytes, "\n", 1);
		if (err == 0 && is_quoted)
			is_done = add_quoted(&bytes, line, &err);
		else if (err == 0)
			err = buf_put(&bytes, line.p, line.len);
	}
	return recording_add_buf(r, name, BER_OCTETS, &bytes, err);
}

static int add_hex(struct recording_reader *r, const struct oid *name, uint8_t type,
	struct text first, struct text *rest)
{
	struct buf bytes;
	size_t used;
	buf_open(&bytes, LIMIT_WALK_VALUE);
	int err = recording_hex(&bytes, first, &used);
	/* net-snmp breaks after 16 bytes and prints a blank at the end of each line. */
	while (err == 0 && text_trimmed((struct text){first.p + used, first.len - used}).len == 0 &&
		rest->len > 0) {
		struct text ahead = *rest;
		struct text line = recording_line(&ahead);
		size_t before = bytes.len;
		size_t taken;
		err = recording_hex(&bytes, line, &taken);
		if (err < 0)
			break;
		if (taken == 0 ||
			text_trimmed((struct text){line.p + taken, line.len - taken}).len > 0) {
			bytes.len = before;
			break;
		}
		*rest = ahead;
		r->line++;
		first = line;
		used = taken;
	}
	if (err < 0 || type != BER_IPADDRESS || bytes.len == 4)
		return recording_add_buf(r, name, type, &bytes, err);
	buf_close(&bytes);
	return recording_fail(r, ERR_FORMAT, "an address has four bytes");
}

static int add_name(struct recording_reader *r, const struct oid *name, struct text t)
{
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	struct oid o;
	t = text_trimmed(t);
	size_t n = 0;
	while (n < t.len && t.p[n] != ' ')
		n++;
	if (recording_name(&o, (struct text){t.p, n}) < 0) {
		r->w->skipped++;
		return 0;
	}
	int len = oid_encode(ber, sizeof ber, &o);
	if (len < 0)
		return recording_fail(r, ERR_FORMAT, "a name that cannot be encoded");
	return recording_add(r, name, BER_OID, ber, (size_t)len);
}

struct type_prefix {
	const char *prefix;
	uint8_t type;
};

static const struct type_prefix numbers[] = {{"INTEGER:", BER_INTEGER},
	{"Counter32:", BER_COUNTER32}, {"Gauge32:", BER_GAUGE32}, {"Unsigned32:", BER_GAUGE32},
	{"UInteger32:", BER_GAUGE32}, {"Counter64:", BER_COUNTER64}, {"Timeticks:", BER_TIMETICKS}};

static int add_value(
	struct recording_reader *r, const struct oid *name, struct text value, struct text *rest)
{
	if (take_prefix(&value, "Wrong Type (should be ")) {
		const char *end = value.len == 0 ? NULL : memchr(value.p, ')', value.len);
		size_t used = end == NULL ? value.len : (size_t)(end + 1 - value.p);
		value = text_trimmed((struct text){value.p + used, value.len - used});
		take_prefix(&value, ": ");
	}
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		if (take_prefix(&value, numbers[i].prefix))
			return recording_add_text(r, name, numbers[i].type, leading_number(value));
	if (take_prefix(&value, "STRING:")) {
		take_prefix(&value, " ");
		return add_string(r, name, value, rest);
	}
	if (take_prefix(&value, "Hex-STRING:") || take_prefix(&value, "BITS:"))
		return add_hex(r, name, BER_OCTETS, value, rest);
	if (take_prefix(&value, "Network Address:"))
		return add_hex(r, name, BER_IPADDRESS, text_trimmed(value), rest);
	if (take_prefix(&value, "OID:"))
		return add_name(r, name, value);
	if (take_prefix(&value, "IpAddress:"))
		return recording_add_text(r, name, BER_IPADDRESS, text_trimmed(value));
	if (text_is(text_trimmed(value), "\"\""))
		return recording_add(r, name, BER_OCTETS, NULL, 0);
	if (recording_starts(value, "NULL"))
		return recording_add(r, name, BER_NULL, NULL, 0);
	/* "No Such Object available ...", "Opaque: Float: ..." and other lines without a value. */
	r->w->skipped++;
	return 0;
}

int recording_read_snmpwalk(struct recording_reader *r, struct text in)
{
	while (in.len > 0) {
		struct text name_text, value;
		struct oid name;
		struct text line = recording_line(&in);
		r->line++;
		if (!split_head(line, &name_text, &value) || recording_name(&name, name_text) < 0 ||
			name.len < 2) {
			r->w->skipped += text_trimmed(line).len > 0;
			continue;
		}
		int err = recording_damaged(r, add_value(r, &name, value, &in));
		if (err < 0)
			return err;
	}
	return 0;
}
