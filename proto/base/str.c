/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/base/str.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct text text_of(const char *nul_terminated)
{
	if (nul_terminated == NULL)
		return (struct text){NULL, 0};
	return (struct text){nul_terminated, strlen(nul_terminated)};
}

bool text_is(struct text t, const char *nul_terminated)
{
	size_t n = strlen(nul_terminated);
	return t.len == n && (n == 0 || memcmp(t.p, nul_terminated, n) == 0);
}

bool text_is_equal(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool text_is_equal_nocase(struct text a, struct text b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.p, b.p, a.len) == 0);
}

bool text_starts_with(struct text t, const char *nul_terminated)
{
	size_t n = strlen(nul_terminated);
	return t.len >= n && (n == 0 || strncasecmp(t.p, nul_terminated, n) == 0);
}

struct text text_trimmed(struct text t)
{
	while (t.len > 0 && isspace((unsigned char)t.p[0])) {
		t.p++;
		t.len--;
	}
	while (t.len > 0 && isspace((unsigned char)t.p[t.len - 1]))
		t.len--;
	return t;
}

bool text_take_entry(const char **list, struct text *entry)
{
	if (*list == NULL)
		return false;
	size_t len = strcspn(*list, ",");
	*entry = text_trimmed((struct text){*list, len});
	*list = (*list)[len] == ',' ? *list + len + 1 : NULL;
	return true;
}

bool text_take_pair(struct text *rest, char between, struct text *key, struct text *value)
{
	while (rest->len > 0) {
		const char *end = memchr(rest->p, ';', rest->len);
		size_t n = end != NULL ? (size_t)(end - rest->p) : rest->len;
		struct text part = text_trimmed((struct text){rest->p, n});
		size_t gone = end != NULL ? n + 1 : n;
		rest->p += gone;
		rest->len -= gone;
		if (part.len == 0)
			continue;
		const char *at = memchr(part.p, between, part.len);
		size_t key_len = at != NULL ? (size_t)(at - part.p) : 0;
		size_t skip = at != NULL ? key_len + 1 : 0;
		*key = text_trimmed((struct text){part.p, key_len});
		*value = text_trimmed((struct text){part.p + skip, part.len - skip});
		return true;
	}
	return false;
}

size_t str_copy(char *dst, size_t cap, const char *src)
{
	if (cap == 0)
		return 0;
	size_t n = strnlen(src, cap - 1);
	memcpy(dst, src, n);
	dst[n] = '\0';
	return n;
}

size_t text_scrub(char *dst, size_t cap, struct text t)
{
	return str_scrub(dst, cap, (const uint8_t *)t.p, t.len);
}

size_t str_char_bytes(const uint8_t *p, size_t left)
{
	uint8_t a = p[0];
	if (a < 0x80)
		return 1;
	size_t n = a >= 0xf0 ? 4 : a >= 0xe0 ? 3 : 2;
	if (a < 0xc2 || a > 0xf4 || left < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((a == 0xe0 && p[1] < 0xa0) || (a == 0xed && p[1] > 0x9f) ||
		(a == 0xf0 && p[1] < 0x90) || (a == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* Eight bytes at a time; fewer than that, and what is left over, one by one. In each word the top
 * bit of a byte says whether that byte is odd; only whether there is one is exact. */
enum { WORD = 8 };
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t word_at(const uint8_t *p)
{
	uint64_t w;
	memcpy(&w, p, sizeof w);
	return w;
}

bool str_is_ascii(const uint8_t *p, size_t len)
{
	uint64_t odd = 0;
	size_t i = 0;
	for (; i + WORD <= len; i += WORD)
		odd |= word_at(p + i);
	for (; i < len; i++)
		odd |= p[i];
	return (odd & EACH(0x80)) == 0;
}

bool str_is_printable(const uint8_t *p, size_t len)
{
	uint64_t odd = 0;
	size_t i = 0;
	for (; i + WORD <= len; i += WORD) {
		uint64_t w = word_at(p + i), is_del = w ^ EACH(0x7f);
		odd |= w | ((w - EACH(0x20)) & ~w) | ((is_del - EACH(1)) & ~is_del);
	}
	for (; i < len; i++)
		odd |= p[i] < 0x20 || p[i] > 0x7e ? 0x80 : 0;
	return (odd & EACH(0x80)) == 0;
}

bool str_is_utf8(const uint8_t *p, size_t len)
{
	while (len > 0) {
		size_t n = str_char_bytes(p, len);
		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

size_t str_scrub(char *dst, size_t cap, const uint8_t *src, size_t len)
{
	static const char replacement[] = "\xef\xbf\xbd";
	if (cap == 0)
		return 0;
	size_t out = 0;
	for (size_t i = 0; i < len && src[i] != 0;) {
		size_t n = str_char_bytes(src + i, len - i);
		const char *from = (const char *)src + i;
		size_t take = n;
		if (n == 0) {
			from = replacement;
			take = 3;
			n = 1;
		} else if (src[i] < 0x20 || src[i] == 0x7f ||
			   (src[i] == 0xc2 && n == 2 && src[i + 1] < 0xa0)) {
			from = " ";
			take = 1;
		}
		i += n;
		if (take == 1 && *from == ' ' && out == 0)
			continue;
		if (out + take >= cap)
			break;
		memcpy(dst + out, from, take);
		out += take;
	}
	while (out > 0 && dst[out - 1] == ' ')
		out--;
	dst[out] = '\0';
	return out;
}

int str_to_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	if (text[0] < '0' || text[0] > '9')
		return ERR_FORMAT;
	char *end;
	errno = 0;
	unsigned long long v = strtoull(text, &end, 10);
	if (*end != '\0')
		return ERR_FORMAT;
	if (errno != 0 || v < min || v > max)
		return ERR_RANGE;
	*ret = v;
	return 0;
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* The units stand in the order in which a compound such as 1h30m may use them, each once. */
static int with_units(const char *text, const struct unit *units, bool is_compound, uint64_t *ret)
{
	uint64_t sum = 0;
	if (strcmp(text, "0") == 0) {
		*ret = 0;
		return 0;
	}
	do {
		char *end;
		if (text[0] < '0' || text[0] > '9')
			return ERR_FORMAT;
		errno = 0;
		unsigned long long v = strtoull(text, &end, 10);
		size_t n = strcspn(end, "0123456789");
		while (units->name != NULL &&
			(strlen(units->name) != n || memcmp(units->name, end, n) != 0))
			units++;
		if (units->name == NULL)
			return ERR_FORMAT;
		if (errno != 0 || v > (UINT64_MAX - sum) / units->factor)
			return ERR_RANGE;
		sum += v * units->factor;
		units++;
		text = end + n;
	} while (is_compound && *text != '\0');
	if (*text != '\0')
		return ERR_FORMAT;
	*ret = sum;
	return 0;
}

int str_to_ms(const char *text, uint64_t *ret_ms)
{
	static const struct unit units[] = {
		{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};
	return with_units(text, units, true, ret_ms);
}

int str_to_bytes(const char *text, uint64_t *ret_bytes)
{
	static const struct unit units[] = {
		{"B", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {NULL, 0}};
	return with_units(text, units, false, ret_bytes);
}

void str_hex(char *dst, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		dst[2 * i] = digits[bytes[i] >> 4];
		dst[2 * i + 1] = digits[bytes[i] & 15];
	}
	dst[2 * n] = '\0';
}

int str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int str_unhex(uint8_t *dst, size_t cap, const char *hex, size_t hex_len)
{
	if (hex_len % 2 != 0)
		return ERR_FORMAT;
	if (hex_len / 2 > cap)
		return ERR_FULL;
	for (size_t i = 0; i < hex_len / 2; i++) {
		int high = str_hex_digit(hex[2 * i]);
		int low = str_hex_digit(hex[2 * i + 1]);
		if (high < 0 || low < 0)
			return ERR_FORMAT;
		dst[i] = (uint8_t)(high << 4 | low);
	}
	return (int)(hex_len / 2);
}

const char *str_mac(char dst[18], const uint8_t mac[6])
{
	for (size_t i = 0; i < 6; i++) {
		str_hex(dst + 3 * i, mac + i, 1);
		dst[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	return dst;
}

bool str_to_mac(uint8_t mac[6], struct text t)
{
	uint8_t bytes[6];
	if (t.len != 17)
		return false;
	for (size_t i = 0; i < sizeof bytes; i++) {
		if (str_unhex(bytes + i, 1, t.p + 3 * i, 2) != 1 ||
			(i < 5 && t.p[3 * i + 2] != ':' && t.p[3 * i + 2] != '-'))
			return false;
	}
	memcpy(mac, bytes, sizeof bytes);
	return true;
}

void str_utc(char dst[25], uint64_t unix_ms)
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm tm;
	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 8099) {
		(void)str_copy(dst, 25, "9999-12-31T23:59:59.999Z");
		return;
	}
	char text[64];
	(void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", tm.tm_year + 1900,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		(unsigned)(unix_ms % 1000));
	(void)str_copy(dst, 25, text);
}
