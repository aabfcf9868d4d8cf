/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/store/audit_entry.h"

#include "engine/loop/crypto.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEX = 2 * AUDIT_DIGEST, TAIL = 1 + HEX + 1 /* TAB, digest, LF */, FIELDS = 6 };

static const char *const names[AUDIT_KIND_COUNT] = {[AUDIT_SEGMENT] = "segment",
	[AUDIT_RECOVERED] = "recovered",
	[AUDIT_DAMAGED] = "damaged",
	[AUDIT_LOST] = "lost",
	[AUDIT_SYNC] = "sync",
	[AUDIT_MISSED] = "missed",
	[AUDIT_BATCH] = "batch",
	[AUDIT_UPLOAD] = "upload",
	[AUDIT_COVERAGE] = "coverage",
	[AUDIT_LOGIN] = "login",
	[AUDIT_CONFIG] = "config",
	[AUDIT_ACCOUNT] = "account",
	[AUDIT_KEY] = "key",
	[AUDIT_IDENTITY] = "identity",
	[AUDIT_PURGE] = "purge",
	[AUDIT_RECORDS_LOST] = "records-lost",
	[AUDIT_ACTION] = "action",
	[AUDIT_HEARTBEAT] = "heartbeat"};

const char *audit_kind_name(enum audit_kind kind)
{
	return names[kind];
}

void audit_entry_set(struct audit_entry *e, uint64_t at_ms, enum audit_kind kind, const char *who,
	int err, const char *what_fmt, ...)
{
	va_list args;
	*e = (struct audit_entry){.at_ms = at_ms, .kind = kind};
	(void)str_copy(e->who, sizeof e->who, who != NULL ? who : "");
	(void)str_copy(e->result, sizeof e->result, err < 0 ? err_text(err) : "ok");
	va_start(args, what_fmt);
	(void)vsnprintf(e->what, sizeof e->what, what_fmt, args);
	va_end(args);
}

const char *audit_os_user(char dst[LIMIT_AUDIT_WHO])
{
	(void)snprintf(dst, LIMIT_AUDIT_WHO, "user %u", (unsigned)getuid());
	return dst;
}

/* ---- writing ---- */

/* Whether the byte stands for itself: the rest of a character follows it. */
static size_t plain_bytes(const uint8_t *p, size_t left)
{
	return *p < 0x20 || *p == 0x7f || *p == '\\' ? 0 : str_char_bytes(p, left);
}

/* Appends at most `max` bytes; backslashes, controls and bytes that are not UTF-8 become \xHH. */
static size_t escape(char *dst, size_t max, const char *src)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = (const uint8_t *)src;
	size_t left = strlen(src), len = 0;
	while (left > 0) {
		size_t n = plain_bytes(p, left);
		size_t room = n > 0 ? n : 4;
		if (len + room > max)
			break;
		if (n > 0) {
			memcpy(dst + len, p, n);
		} else {
			dst[len] = '\\';
			dst[len + 1] = 'x';
			dst[len + 2] = digits[*p >> 4];
			dst[len + 3] = digits[*p & 15];
			n = 1;
		}
		len += room;
		p += n;
		left -= n;
	}
	return len;
}

int audit_line_digest(uint8_t digest[AUDIT_DIGEST], const uint8_t before[AUDIT_DIGEST],
	const void *line, size_t len)
{
	uint8_t bytes[AUDIT_DIGEST + LIMIT_AUDIT_LINE];
	memcpy(bytes, before, AUDIT_DIGEST);
	memcpy(bytes + AUDIT_DIGEST, line, len);
	return crypto_sha256(bytes, AUDIT_DIGEST + len, digest);
}

int audit_line_write(
	char dst[LIMIT_AUDIT_LINE], struct audit_entry *e, const uint8_t before[AUDIT_DIGEST])
{
	const char *const texts[] = {e->who, e->result, e->what};
	char at[25], digest[HEX + 1];
	str_utc(at, e->at_ms);
	size_t len = (size_t)snprintf(dst, LIMIT_AUDIT_LINE, "%ju\t%s\t%s", (uintmax_t)e->number,
		at, audit_kind_name(e->kind));
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		dst[len++] = '\t';
		/* Room for the texts that follow: the first two are short. */
		len += escape(dst + len, LIMIT_AUDIT_LINE - TAIL - 2 - len, texts[i]);
	}
	int err = audit_line_digest(e->digest, before, dst, len);
	if (err < 0)
		return err;
	str_hex(digest, e->digest, AUDIT_DIGEST);
	dst[len++] = '\t';
	memcpy(dst + len, digest, HEX);
	dst[len + HEX] = '\n';
	return (int)(len + HEX + 1);
}

/* ---- reading ---- */

static int unescape(char *dst, size_t cap, struct text t)
{
	size_t len = 0;
	for (size_t i = 0; i < t.len; i++) {
		uint8_t byte = (uint8_t)t.p[i];
		if (byte < 0x20 || byte == 0x7f || len + 1 >= cap)
			return ERR_FORMAT;
		if (byte == '\\') {
			if (t.len - i < 4 || t.p[i + 1] != 'x' ||
				str_unhex(&byte, 1, t.p + i + 2, 2) != 1)
				return ERR_FORMAT;
			i += 3;
		}
		dst[len++] = (char)byte;
	}
	dst[len] = '\0';
	return 0;
}

int audit_time_read(uint64_t *ms, struct text t)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	unsigned v[7] = {0}, at = 0;
	if (t.len != sizeof form - 1)
		return ERR_FORMAT;
	for (size_t i = 0; i < t.len; i++) {
		bool is_digit = t.p[i] >= '0' && t.p[i] <= '9';
		if (form[i] == 'd' ? !is_digit : t.p[i] != form[i])
			return ERR_FORMAT;
		if (form[i] == 'd')
			v[at] = v[at] * 10 + (unsigned)(t.p[i] - '0');
		else
			at++;
	}
	if (v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > 31)
		return ERR_FORMAT;
	/* Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March. */
	int64_t y = (int64_t)v[0] - (v[1] <= 2), era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * ((int64_t)v[1] + (v[1] > 2 ? -3 : 9)) + 2) / 5 + v[2] - 1;
	int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
	int64_t all = ((days * 24 + v[3]) * 60 + v[4]) * 60 + v[5];
	if (all < 0)
		return ERR_FORMAT;
	*ms = (uint64_t)all * 1000 + v[6];
	return 0;
}

static int read_kind(struct text t)
{
	for (int k = 0; k < AUDIT_KIND_COUNT; k++) {
		if (text_is(t, names[k]))
			return k;
	}
	return ERR_FORMAT;
}

/* Cuts the line at its tabs. */
static int split(struct text field[FIELDS + 1], const uint8_t *line, size_t len)
{
	const char *p = (const char *)line, *end = p + len;
	for (int i = 0; i <= FIELDS; i++) {
		const char *tab = i < FIELDS && p < end ? memchr(p, '\t', (size_t)(end - p)) : end;
		if (tab == NULL)
			return ERR_FORMAT;
		field[i] = (struct text){p, (size_t)(tab - p)};
		p = tab + (tab < end);
	}
	return 0;
}

static int read_number(uint64_t *ret, struct text t)
{
	char number[21];
	if (t.len == 0 || t.len >= sizeof number || memchr(t.p, '\0', t.len) != NULL)
		return ERR_FORMAT;
	memcpy(number, t.p, t.len);
	number[t.len] = '\0';
	return str_to_u64(number, 1, INT64_MAX, ret);
}

/* In lower case, as it is written: the digest covers all of the line but itself. */
static int read_digest(uint8_t digest[AUDIT_DIGEST], struct text t)
{
	char hex[HEX + 1];
	if (t.len != HEX || str_unhex(digest, AUDIT_DIGEST, t.p, HEX) != AUDIT_DIGEST)
		return ERR_FORMAT;
	str_hex(hex, digest, AUDIT_DIGEST);
	return memcmp(hex, t.p, HEX) == 0 ? 0 : ERR_FORMAT;
}

int audit_line_read(struct audit_entry *e, const uint8_t *line, size_t len)
{
	struct text f[FIELDS + 1];
	*e = (struct audit_entry){.number = 0};
	if (len >= LIMIT_AUDIT_LINE || split(f, line, len) < 0 ||
		read_number(&e->number, f[0]) < 0 || audit_time_read(&e->at_ms, f[1]) < 0)
		return ERR_FORMAT;
	int kind = read_kind(f[2]);
	if (kind < 0 || unescape(e->who, sizeof e->who, f[3]) < 0 ||
		unescape(e->result, sizeof e->result, f[4]) < 0 ||
		unescape(e->what, sizeof e->what, f[5]) < 0 ||
		read_digest(e->digest, f[FIELDS]) < 0)
		return ERR_FORMAT;
	e->kind = (enum audit_kind)kind;
	return 0;
}

struct text audit_entry_word(const struct audit_entry *e, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = e->what; *p != '\0';) {
		size_t len = strcspn(p, " ");
		if (len > n && strncmp(p, name, n) == 0 && p[n] == '=')
			return (struct text){p + n + 1, len - n - 1};
		p += len + (p[len] == ' ');
	}
	return TEXT("");
}

static bool copy_hex(char dst[HEX + 1], struct text t)
{
	uint8_t digest[AUDIT_DIGEST];
	dst[0] = '\0';
	if (t.len != HEX || str_unhex(digest, sizeof digest, t.p, HEX) != AUDIT_DIGEST)
		return false;
	memcpy(dst, t.p, HEX);
	dst[HEX] = '\0';
	return true;
}

int audit_segment_read(struct audit_segment_head *h, const struct audit_entry *e)
{
	uint64_t segment, oldest;
	struct text previous = audit_entry_word(e, "previous");
	if (e->kind != AUDIT_SEGMENT || read_number(&segment, audit_entry_word(e, "segment")) < 0 ||
		read_number(&oldest, audit_entry_word(e, "oldest")) < 0 || segment > UINT32_MAX ||
		oldest > segment || previous.len != HEX ||
		str_unhex(h->previous, sizeof h->previous, previous.p, HEX) != AUDIT_DIGEST)
		return ERR_FORMAT;
	h->segment = (uint32_t)segment;
	h->oldest = (uint32_t)oldest;
	(void)copy_hex(h->config, audit_entry_word(e, "config"));
	return 0;
}

void audit_config_read(char digest[HEX + 1], const struct audit_entry *e)
{
	(void)copy_hex(digest, audit_entry_word(e, "digest"));
}
