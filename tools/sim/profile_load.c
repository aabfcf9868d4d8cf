/* SPDX-License-Identifier: Apache-2.0
 * Names, words and memory of the parser of profiles. */
#include "tools/sim/profile_load.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int load_fail(struct load *l, const char *fmt, ...)
{
	/* The first error is kept, as the others follow from it. */
	if (l->why[0] != '\0')
		return ERR_FORMAT;
	char text[LIMIT_WHY / 2];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	snprintf(l->why, LIMIT_WHY, "line %zu: %s", l->line, text);
	return ERR_FORMAT;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct text load_word(struct text *rest)
{
	*rest = text_trimmed(*rest);
	struct text word = {rest->p, 0};
	while (word.len < rest->len && !is_blank(rest->p[word.len]))
		word.len++;
	rest->p += word.len;
	rest->len -= word.len;
	*rest = text_trimmed(*rest);
	return word;
}

struct text load_cell(struct text *rest, char sep)
{
	bool in_quotes = false;
	size_t i = 0;
	for (; i < rest->len; i++) {
		char c = rest->p[i];
		if (in_quotes && c == '\\' && i + 1 < rest->len)
			i++;
		else if (c == '"')
			in_quotes = !in_quotes;
		else if (!in_quotes && c == sep)
			break;
	}
	struct text cell = text_trimmed((struct text){rest->p, i});
	size_t used = i < rest->len ? i + 1 : i;
	rest->p += used;
	rest->len -= used;
	return cell;
}

int load_number(struct text t, int64_t min, int64_t max, int64_t *ret)
{
	bool is_negative = t.len > 0 && t.p[0] == '-';
	size_t i = is_negative ? 1 : 0;
	if (t.len == i || t.len - i > 18)
		return ERR_FORMAT;
	int64_t v = 0;
	for (; i < t.len; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return ERR_FORMAT;
		v = v * 10 + (t.p[i] - '0');
	}
	v = is_negative ? -v : v;
	if (v < min || v > max)
		return ERR_RANGE;
	*ret = v;
	return 0;
}

int load_quoted(struct load *l, struct text t, uint8_t *dst, size_t cap)
{
	if (t.len < 2 || t.p[0] != '"' || t.p[t.len - 1] != '"')
		return load_fail(l, "text needs quotes: %.*s", TEXT_ARG(t));
	size_t n = 0;
	for (size_t i = 1; i + 1 < t.len; i++) {
		uint8_t c = (uint8_t)t.p[i];
		if (c == '\\' && i + 2 < t.len) {
			c = (uint8_t)t.p[++i];
			if (c == 'n') {
				c = '\n';
			} else if (c == 'x') {
				if (i + 3 >= t.len || str_unhex(&c, 1, t.p + i + 1, 2) != 1)
					return load_fail(l, "\\x needs two hexadecimal digits");
				i += 2;
			}
		}
		if (n == cap)
			return load_fail(l, "the text is too long");
		dst[n++] = c;
	}
	return (int)n;
}

static int find_name(const char (*names)[LOAD_NAME], size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(name, names[i]))
			return (int)i;
	return -1;
}

int load_var(struct load *l, struct text name)
{
	int i = find_name((const char(*)[LOAD_NAME])l->var_name, l->p->var_count, name);
	return i >= 0 ? i : load_fail(l, "unknown number \"%.*s\"", TEXT_ARG(name));
}

int load_cond(struct load *l, struct text name)
{
	int i = find_name((const char(*)[LOAD_NAME])l->cond_name, l->cond_count, name);
	return i >= 0 ? i : load_fail(l, "unknown condition \"%.*s\"", TEXT_ARG(name));
}

static int new_name(struct load *l, char (*names)[LOAD_NAME], size_t *count, size_t max,
	struct text name, const char *suffix)
{
	char whole[LOAD_NAME];
	int n = snprintf(whole, sizeof whole, "%.*s%s", TEXT_ARG(name), suffix);
	if (name.len == 0 || n < 0 || (size_t)n >= sizeof whole)
		return load_fail(l, "a name has 1 to %d letters", LOAD_NAME - 8);
	if (find_name((const char(*)[LOAD_NAME])names, *count, text_of(whole)) >= 0)
		return load_fail(l, "the name \"%s\" is in use", whole);
	if (*count == max)
		return load_fail(l, "too many names");
	memcpy(names[*count], whole, (size_t)n + 1);
	return (int)(*count)++;
}

int load_new_var(struct load *l, struct text name, const char *suffix)
{
	return new_name(l, l->var_name, &l->p->var_count, PROFILE_VARS, name, suffix);
}

int load_new_cond(struct load *l, struct text name, const char *suffix)
{
	return new_name(l, l->cond_name, &l->cond_count, PROFILE_CONDS, name, suffix);
}

int load_conds(struct load *l, struct text names, uint64_t *ret)
{
	*ret = 0;
	while (names.len > 0) {
		int cond = load_cond(l, load_word(&names));
		if (cond < 0)
			return cond;
		*ret |= 1ull << cond;
	}
	return *ret == 0 ? load_fail(l, "a condition is missing") : 0;
}

int load_oid(struct load *l, struct text t, struct oid *ret)
{
	char text[512];
	struct oid tail = {0};
	*ret = (struct oid){0};
	if (t.len > 0 && t.p[0] == '$') {
		struct text rest = {t.p + 1, t.len - 1};
		struct text name = load_cell(&rest, '.');
		size_t i = 0;
		while (i < l->root_count && !text_is(name, l->root[i].name))
			i++;
		if (i == l->root_count)
			return load_fail(l, "unknown root \"%.*s\"", TEXT_ARG(name));
		*ret = l->root[i].oid;
		if (rest.len == 0)
			return 0;
		t = rest;
	}
	if (t.len == 0 || t.len >= sizeof text)
		return load_fail(l, "a name is missing or too long");
	memcpy(text, t.p, t.len);
	text[t.len] = '\0';
	if (oid_from_text(&tail, text) < 0 || ret->len + tail.len > LIMIT_OID_SUBIDS)
		return load_fail(l, "\"%s\" is not an object identifier", text);
	memcpy(ret->sub + ret->len, tail.sub, tail.len * sizeof tail.sub[0]);
	ret->len = (uint16_t)(ret->len + tail.len);
	return 0;
}
